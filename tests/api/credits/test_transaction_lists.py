"""Histories: newest first, in pages, filtered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.api.live_api import SHOP, Caller, LiveApi, User, ok, refused


@pytest.fixture(scope="module")
def busy(api: LiveApi) -> User:
    """A user with 121 ledger rows: 100 uses of chat, 20 of search, and the credits before them."""
    user = api.user(1000)
    for number in range(120):
        ok(user.use(1, appId="search" if number % 6 == 0 else "chat", description=str(number)))
    return user


def pages(caller: Caller, path: str, **parameters: Any) -> Iterator[list[dict[str, Any]]]:
    """Follow the links from page to page, as they are given, to the very end."""
    answer = caller.get(path, **parameters)
    while True:
        yield ok(answer)
        link = answer.links.get("next")
        if link is None:
            return
        assert link["url"].startswith(caller.api.url)
        headers = {"Origin": SHOP, **caller.headers}
        answer = caller.api.client.get(link["url"], headers=headers)


# Rows that a list which filters reads for one page.
MOST_READ = 2000


@pytest.fixture(scope="module")
def old(api: LiveApi) -> User:
    """A user with 4501 ledger rows: uses of search one of chat among each five hundred."""
    user = api.user(1)
    with api.database.connect() as owner:
        owner.autocommit = True
        for _ in range(9):
            owner.execute(
                "select count(*) from generate_series(1, 500) as n, lateral credits.use_credits("
                " %s, 0.000001, case n when 250 then 'chat' else 'search' end, 'Answer')",
                [user.id],
            )
    return user


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def test_the_newest_come_first(busy: User) -> None:
    rows = ok(busy.get("/credits/transactions", limit=3))
    assert [row["description"] for row in rows] == ["119", "118", "117"]


def test_a_page_has_fifty_rows_by_default(busy: User) -> None:
    assert len(ok(busy.get("/credits/transactions"))) == 50


def test_a_page_has_up_to_a_hundred_rows(busy: User) -> None:
    assert len(ok(busy.get("/credits/transactions", limit=100))) == 100


@pytest.mark.parametrize("limit", [1, 7, 11, 40, 100])
def test_the_links_lead_to_the_very_end_without_gap_or_repetition(busy: User, limit: int) -> None:
    found = list(pages(busy, "/credits/transactions", limit=limit))
    assert [identity for page in found for identity in ids(page)] == [
        str(row["id"]) for row in reversed(busy.ledger())
    ]
    assert all(len(page) == limit for page in found[:-1])
    assert found[-1]


def test_a_list_is_walked_while_it_grows(api: LiveApi) -> None:
    user = api.user(10)
    for _ in range(5):
        ok(user.use(1))
    before = [str(row["id"]) for row in reversed(user.ledger())]
    seen: list[str] = []
    for page in pages(user, "/credits/transactions", limit=2):
        seen += ids(page)
        api.fund(user.id, 1)
    assert seen == before


def test_the_last_page_has_no_link(busy: User) -> None:
    assert "link" not in busy.get("/credits/transactions", limit=100, offset=21).headers


def test_a_page_that_ends_exactly_at_the_end_has_no_link(api: LiveApi) -> None:
    user = api.user(1)
    answer = user.get("/credits/transactions", limit=1)
    assert len(ok(answer)) == 1
    assert "link" not in answer.headers


def test_an_offset_skips_rows(busy: User) -> None:
    everything = ids(ok(busy.get("/credits/transactions", limit=100)))
    assert ids(ok(busy.get("/credits/transactions", limit=5, offset=10))) == everything[10:15]


def test_an_offset_beyond_the_end_is_an_empty_page(busy: User) -> None:
    answer = busy.get("/credits/transactions", offset=10_000)
    assert ok(answer) == []
    assert "link" not in answer.headers


@pytest.mark.parametrize("path", ["/credits/transactions", "/credits/purchases"])
def test_what_lies_deep_is_reached_by_the_cursor(busy: User, path: str) -> None:
    problem = refused(busy.get(path, offset=10_001), 400, "invalid_request")["offset"]
    assert "cursor" in problem


def test_the_link_after_an_offset_goes_on_from_there(busy: User) -> None:
    found = [
        row for page in pages(busy, "/credits/transactions", limit=30, offset=10) for row in page
    ]
    assert ids(found) == [str(row["id"]) for row in reversed(busy.ledger())][10:]


def test_a_user_without_history_has_an_empty_list(api: LiveApi) -> None:
    for path in ("/credits/transactions", "/credits/purchases"):
        assert ok(api.user().get(path)) == []


def test_a_list_can_be_had_of_one_app(busy: User) -> None:
    rows = ok(busy.get("/credits/transactions", appId="search", limit=100))
    assert len(rows) == 20
    assert {row["appId"] for row in rows} == {"search"}


def test_the_links_keep_the_filters(busy: User) -> None:
    found = list(pages(busy, "/credits/transactions", appId="search", type="usage", limit=8))
    assert [len(page) for page in found] == [8, 8, 4]


def test_a_list_can_be_had_of_one_type(busy: User) -> None:
    rows = ok(busy.get("/credits/transactions", type="refund"))
    assert [row["amount"] for row in rows] == [1000]


def test_a_type_that_has_not_occurred_is_an_empty_list(busy: User) -> None:
    assert ok(busy.get("/credits/transactions", type="guild_funding")) == []


def test_a_time_bounds_a_list_from_included_to_not(busy: User) -> None:
    rows = busy.ledger()
    first, last = rows[40]["created_at"], rows[60]["created_at"]
    found = ok(
        busy.get(
            "/credits/transactions",
            limit=100,
            **{"from": first.isoformat(), "to": last.isoformat()},
        )
    )
    expected = [str(row["id"]) for row in rows if first <= row["created_at"] < last]
    assert ids(found) == expected[::-1]
    assert len(expected) >= 20


def test_a_time_may_have_any_offset(busy: User) -> None:
    then = datetime.now(UTC) + timedelta(hours=1)
    local = then.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    assert ok(busy.get("/credits/transactions", **{"from": local})) == []
    assert len(ok(busy.get("/credits/transactions", to=local, limit=1))) == 1


@pytest.mark.parametrize("year", ["0001", "1900", "9999"])
def test_a_time_far_away_is_no_mistake(busy: User, year: str) -> None:
    moment = f"{year}-06-01T00:00:00Z"
    found = [
        len(ok(busy.get("/credits/transactions", limit=1, **{name: moment})))
        for name in ("from", "to")
    ]
    assert found == ([0, 1] if year == "9999" else [1, 0])


def test_nobody_sees_the_history_of_another(api: LiveApi, busy: User) -> None:
    other = api.user(1)
    newest = ok(busy.get("/credits/transactions", limit=1))[0]["id"]
    rows = ok(other.get("/credits/transactions", cursor=newest, userId=busy.id))
    assert {row["userId"] for row in rows} <= {other.id}


def test_a_page_reads_so_many_rows_at_most(old: User) -> None:
    answer = old.get("/credits/transactions", appId="none")
    assert ok(answer) == []
    assert answer.links["next"]["url"].endswith(f"cursor={ids(newest(old))[MOST_READ - 1]}")


def newest(user: User) -> list[dict[str, Any]]:
    return list(reversed(user.ledger()))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [({"appId": "none"}, []), ({"type": "guild_funding"}, []), ({"type": "refund"}, [1])],
    ids=["no app", "no type", "the oldest"],
)
def test_the_links_lead_through_what_does_not_match(
    old: User, filters: dict[str, str], expected: list[int]
) -> None:
    found = list(pages(old, "/credits/transactions", **filters))
    assert [row["amount"] for page in found for row in page] == expected
    assert len(found) == 3


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("offset", [0, 2, 6])
def test_filtered_pages_have_no_gap_and_no_repetition(old: User, limit: int, offset: int) -> None:
    found = pages(old, "/credits/transactions", appId="chat", limit=limit, offset=offset)
    expected = [str(row["id"]) for row in newest(old) if row["app_id"] == "chat"]
    assert len(expected) == 9
    assert [identity for page in found for identity in ids(page)] == expected[offset:]


def test_a_filtered_table_is_whole(old: User) -> None:
    answer = old.request(
        "GET", "/credits/transactions", headers={"Accept": "text/csv"}, appId="chat"
    )
    assert answer.text.count("\r\n") == 1 + 9
