"""credits.list_guild_transactions."""

from decimal import Decimal
from typing import Any

import pytest

from tests.databases import Connection
from tests.sql.calls import Row, pool, rows, use_guild
from tests.sql.conftest import Api


def history(api: Api, organization_id: str = "g1", **arguments: Any) -> list[Row]:
    return rows(
        api, "credits.list_guild_transactions", organization_id=organization_id, **arguments
    )


@pytest.fixture
def ids(db: Connection) -> list[Any]:
    """Ids of what u1 and u2 used in turns of the pool g1, newest first."""
    pool(db, "g1", 100)
    used = [use_guild(db, "g1", f"u{1 + turn % 2}", 1)["id"] for turn in range(6)]
    return used[::-1]


def test_newest_comes_first_and_the_funding_last(api: Api, ids: list[Any]) -> None:
    found = history(api)
    assert [row["id"] for row in found[:-1]] == ids
    assert (found[-1]["type"], found[-1]["user_id"]) == ("funding", "treasurer")


def test_row_tells_all_of_the_movement(db: Connection, api: Api) -> None:
    pool(db, "g1", 10)
    use_guild(db, "g1", "u1", Decimal("0.5"), idempotency_key="k", metadata={"a": 1})
    row = history(api)[0]
    assert (row["organization_id"], row["user_id"], row["type"]) == ("g1", "u1", "usage")
    assert (row["amount"], row["balance_before"], row["balance_after"]) == (
        Decimal("-0.5"),
        10,
        Decimal("9.5"),
    )
    assert (row["app_id"], row["description"]) == ("chat", "One answer")
    assert (row["metadata"], row["idempotency_key"]) == ({"a": 1}, "k")


def test_member_sees_their_own(api: Api, ids: list[Any]) -> None:
    assert [row["id"] for row in history(api, user_id="u2")] == ids[0::2]


def test_guild_does_not_see_another_ones_history(db: Connection, api: Api, ids: list[Any]) -> None:
    pool(db, "g2", 5)
    assert [row["organization_id"] for row in history(api, "g2")] == ["g2"]


def test_pool_that_does_not_exist_has_no_history(api: Api) -> None:
    assert history(api, "nowhere") == []


def test_limit_and_offset_cut_the_page(api: Api, ids: list[Any]) -> None:
    assert [row["id"] for row in history(api, limit=2)] == ids[:2]
    assert [row["id"] for row in history(api, limit=2, offset=3)] == ids[3:5]


def test_limit_and_offset_cut_the_page_of_a_member(api: Api, ids: list[Any]) -> None:
    found = history(api, user_id="u2", limit=1, offset=1)
    assert [row["id"] for row in found] == [ids[2]]


def test_cursor_goes_on_after_the_page_before(api: Api, ids: list[Any]) -> None:
    assert [row["id"] for row in history(api, limit=2, cursor=ids[1])] == ids[2:4]


def test_cursor_goes_on_after_the_page_before_of_a_member(api: Api, ids: list[Any]) -> None:
    found = history(api, user_id="u2", cursor=ids[0])
    assert [row["id"] for row in found] == ids[2::2]


def test_page_has_fifty_rows_unless_told(db: Connection, api: Api) -> None:
    pool(db, "g1", 100)
    for _ in range(51):
        use_guild(db, "g1", "u1", 1)
    assert len(history(api)) == 50
    assert len(history(api, user_id="u1")) == 50
