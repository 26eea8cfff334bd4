"""credits.list_transactions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import Row, fund, gift, give, pool, rows, use
from tests.sql.conftest import Api


def history(api: Api, user_id: str = "u1", **arguments: Any) -> list[Row]:
    return rows(api, "credits.list_transactions", user_id=user_id, **arguments)


@pytest.fixture
def ids(db: Connection) -> list[Any]:
    """Ids of the five ledger rows of u1, newest first."""
    first = give(db, "u1", 100)["id"]
    return [*reversed([use(db, "u1", amount)["id"] for amount in (1, 2, 3, 4)]), first]


def test_newest_comes_first(api: Api, ids: list[Any]) -> None:
    assert [row["id"] for row in history(api)] == ids


def test_row_tells_all_of_the_movement(db: Connection, api: Api) -> None:
    give(db, "u1", 10)
    use(db, "u1", Decimal("0.5"), idempotency_key="k", metadata={"a": 1})
    row = history(api)[0]
    assert (row["user_id"], row["type"], row["status"]) == ("u1", "usage", "completed")
    assert (row["amount"], row["balance_before"], row["balance_after"]) == (
        Decimal("-0.5"),
        10,
        Decimal("9.5"),
    )
    assert (row["app_id"], row["description"]) == ("chat", "One answer")
    assert (row["metadata"], row["idempotency_key"]) == ({"a": 1}, "k")
    assert row["created_at"] == row["completed_at"]


def test_funding_names_its_guild(db: Connection, api: Api) -> None:
    give(db, "u1", 10)
    pool(db, "g1", 1)
    fund(db, "u1", "g1", 2)
    assert history(api)[0]["guild_id"] == "g1"


def test_user_never_seen_has_no_history(api: Api) -> None:
    assert history(api, "nobody") == []


def test_one_user_does_not_see_another_ones_history(
    db: Connection, api: Api, ids: list[Any]
) -> None:
    give(db, "u2", 1)
    assert [row["user_id"] for row in history(api, "u2")] == ["u2"]


def test_limit_cuts_the_page(api: Api, ids: list[Any]) -> None:
    assert [row["id"] for row in history(api, limit=2)] == ids[:2]


def test_page_has_fifty_rows_unless_told(db: Connection, api: Api) -> None:
    for _ in range(51):
        give(db, "u1", 1)
    assert len(history(api)) == 50


def test_offset_skips_rows(api: Api, ids: list[Any]) -> None:
    assert [row["id"] for row in history(api, limit=2, offset=3)] == ids[3:]
    assert history(api, offset=5) == []


def test_cursor_goes_on_after_the_page_before(api: Api, ids: list[Any]) -> None:
    assert [row["id"] for row in history(api, limit=2, cursor=ids[1])] == ids[2:4]
    assert history(api, cursor=ids[-1]) == []


def test_pages_are_complete_while_new_rows_come_in(
    db: Connection, api: Api, ids: list[Any]
) -> None:
    first = [row["id"] for row in history(api, limit=3)]
    use(db, "u1", 5)
    second = [row["id"] for row in history(api, limit=3, cursor=first[-1])]
    assert first + second == ids


def test_type_is_filtered(db: Connection, api: Api, ids: list[Any]) -> None:
    gift(db, "u1", 5)
    assert [row["id"] for row in history(api, type="usage")] == ids[:4]
    assert [row["amount"] for row in history(api, type="gift")] == [-5]
    assert history(api, type="purchase") == []


@pytest.mark.parametrize("name", ["nonsense", "", "Usage", "usage "])
def test_unknown_type_is_refused(db: Connection, api: Api, name: str) -> None:
    with refused(db, "UC001") as refusal:
        history(api, type=name)
    assert list(refusal.details) == ["type"]


def test_app_is_filtered(db: Connection, api: Api, ids: list[Any]) -> None:
    other = use(db, "u1", 1, app_id="images")
    assert [row["id"] for row in history(api, app_id="images")] == [other["id"]]
    assert [row["id"] for row in history(api, app_id="chat")] == ids[:4]


def test_from_is_included(api: Api, ids: list[Any]) -> None:
    third = history(api)[2]["created_at"]
    assert [row["id"] for row in history(api, **{"from": third})] == ids[:3]


def test_to_is_not_included(api: Api, ids: list[Any]) -> None:
    third = history(api)[2]["created_at"]
    assert [row["id"] for row in history(api, to=third)] == ids[3:]


def test_row_is_found_by_the_microsecond_after_it(db: Connection, api: Api) -> None:
    # Many, because a row's id and its time may lie in two milliseconds.
    for created in [give(db, "u1", 1)["created_at"] for _ in range(400)]:
        (row,) = history(api, to=created + timedelta(microseconds=1), limit=1)
        assert row["created_at"] == created


@pytest.mark.parametrize(
    ("bound", "found"),
    [
        ({"from": datetime(1900, 1, 1, tzinfo=UTC)}, 5),
        ({"from": datetime(9999, 12, 31, tzinfo=UTC)}, 0),
        ({"to": datetime(1900, 1, 1, tzinfo=UTC)}, 0),
        ({"to": datetime(9999, 12, 31, tzinfo=UTC)}, 5),
        ({"from": "-infinity", "to": "infinity"}, 5),
        ({"from": "infinity"}, 0),
        ({"to": "-infinity"}, 0),
    ],
    ids=str,
)
def test_any_time_is_a_bound(api: Api, ids: list[Any], bound: dict[str, Any], found: int) -> None:
    assert len(history(api, **bound)) == found


def test_filters_and_pages_go_together(db: Connection, api: Api, ids: list[Any]) -> None:
    use(db, "u1", 1, app_id="images")
    page = history(api, type="usage", app_id="chat", cursor=ids[0], limit=2)
    assert [row["id"] for row in page] == ids[1:3]
