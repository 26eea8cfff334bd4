"""The ledger as CSV."""

import csv
import io
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.live_api import LiveApi, User, ok, refused

CSV = {"Accept": "text/csv"}


def statement(user: User, **parameters: Any) -> httpx.Response:
    return user.request("GET", "/credits/transactions", headers=CSV, **parameters)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def long_history(api: LiveApi, uses: int) -> User:
    """Return a user who has used a millionth so often."""
    user = api.user(1)
    with api.database.connect() as owner:
        owner.execute(
            "select count(*) from generate_series(1, %s) as n,"
            " lateral credits.use_credits(%s, 0.000001, 'chat', 'Answer ' || n) as used",
            (uses, user.id),
        )
    return user


def test_the_columns_are_the_fields_of_the_json(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(Decimal("0.02"), metadata={"a": "x,y"}, key="one"))
    [used, given] = rows_of(statement(user))
    [expected, _] = ok(user.get("/credits/transactions"))
    assert list(used) == list(expected)
    assert used == {
        **{name: "" if value is None else str(value) for name, value in expected.items()},
        "metadata": '{"a": "x,y"}',
    }
    assert (used["amount"], used["balanceAfter"], given["amount"]) == ("-0.02", "9.98", "10")


def test_the_whole_history_comes_at_once(api: LiveApi) -> None:
    user = long_history(api, 1203)
    answer = statement(user)
    assert "content-length" not in answer.headers
    assert "link" not in answer.headers
    ids = [row["id"] for row in rows_of(answer)]
    assert ids == [str(row["id"]) for row in reversed(user.ledger())]
    assert len(ids) == 1204


def test_an_empty_history_has_the_header_row_alone(api: LiveApi) -> None:
    user = api.user()
    answer = statement(user)
    assert rows_of(answer) == []
    assert answer.text.startswith("id,userId,type,")
    assert answer.text.count("\r\n") == 1


def test_filters_hold(api: LiveApi) -> None:
    user = api.user(10)
    for app in ("chat", "search", "chat"):
        ok(user.use(1, appId=app))
    assert [row["appId"] for row in rows_of(statement(user, appId="chat"))] == ["chat", "chat"]
    assert [row["type"] for row in rows_of(statement(user, type="refund"))] == ["refund"]


def test_a_limit_makes_it_one_page_of_many(api: LiveApi) -> None:
    user = api.user(10)
    for _ in range(4):
        ok(user.use(1))
    pages, answer = [], statement(user, limit=2, type="usage")
    pages.append(rows_of(answer))
    while "next" in answer.links:
        url = httpx.URL(answer.links["next"]["url"])
        answer = statement(user, **dict(url.params))
        pages.append(rows_of(answer))
    assert [len(page) for page in pages] == [2, 2]
    ids = [row["id"] for page in pages for row in page]
    assert ids == [str(row["id"]) for row in user.ledger()[:0:-1]]


def test_an_offset_and_a_cursor_say_where_it_begins(api: LiveApi) -> None:
    user = api.user(10)
    for _ in range(4):
        ok(user.use(1))
    whole = rows_of(statement(user))
    assert rows_of(statement(user, offset=2)) == whole[2:]
    assert rows_of(statement(user, cursor=whole[1]["id"])) == whole[2:]


@pytest.mark.parametrize("start", [*"=+-@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20"])
def test_no_text_is_a_formula(api: LiveApi, start: str) -> None:
    user = api.user(10)
    ok(user.use(1, appId="=app", description=f'{start}HYPERLINK("x")', key="@key"))
    [row, _] = rows_of(statement(user))
    assert row["description"] == f'\'{start}HYPERLINK("x")'
    assert (row["appId"], row["idempotencyKey"]) == ("'=app", "'@key")
    assert row["amount"] == "-1"


def test_any_text_survives(api: LiveApi) -> None:
    user = api.user(10)
    text = 'a,b;"c"\r\nd\n"" ä 🙂'
    ok(user.use(1, description=text, metadata={"text": text}))
    [row, _] = rows_of(statement(user))
    assert row["description"] == text
    assert msgspec.json.decode(row["metadata"]) == {"text": text}


def test_a_browser_takes_it_for_a_file(api: LiveApi) -> None:
    disposition = statement(api.user()).headers["content-disposition"]
    assert disposition == 'attachment; filename="transactions.csv"'


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        ("text/csv", True),
        ("Text/CSV; charset=utf-8", True),
        ("text/csv, */*;q=0.1", True),
        ("application/json;q=0.5, text/csv;q=0.9", True),
        ("*/*", False),
        ("text/*", False),
        ("application/json", False),
        ("application/json, text/csv;q=0.5", False),
        ("text/csv;q=0", False),
        ("text/csv;q=x", False),
        ("text/html", False),
        ("", False),
    ],
)
def test_anything_else_is_json(api: LiveApi, accept: str, is_csv: bool) -> None:
    answer = api.user().request("GET", "/credits/transactions", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("text/csv" if is_csv else "application/json")


def test_its_errors_are_those_of_every_route(api: LiveApi) -> None:
    user = api.user()
    assert refused(statement(user, type="bribe"), 400, "invalid_request").keys() == {"type"}
    assert refused(statement(user, limit=0), 400, "invalid_request").keys() == {"limit"}
    answer = api.anyone.request("GET", "/credits/transactions", headers=CSV)
    refused(answer, 401, "unauthenticated")


def test_a_client_that_goes_away_costs_no_connection(api: LiveApi) -> None:
    user = long_history(api, 2000)
    query = "select pid from pg_stat_activity where usename = 'test_api'"
    with api.database.connect() as owner:
        before = {row["pid"] for row in owner.execute(query)}
        for _ in range(12):
            with api.client.stream(
                "GET", "/api/v1/credits/transactions", headers={**user.headers, **CSV}
            ) as answer:
                next(answer.iter_raw())
        assert len(rows_of(statement(user))) == 2001
        assert before <= {row["pid"] for row in owner.execute(query)}
