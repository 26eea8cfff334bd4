"""credits.end_of_page, and lists that are read no further."""

from typing import Any

import pytest

from tests.databases import Connection
from tests.sql.calls import give, rows, use
from tests.sql.conftest import Api


def end(api: Api, user_id: str, count: int, **arguments: Any) -> Any:
    [row] = rows(api, "credits.end_of_page", user_id=user_id, rows=count, **arguments)
    return row["end_of_page"]


@pytest.fixture
def ids(db: Connection) -> list[Any]:
    """Ids of the five ledger rows of u1, newest first; u2 has some too."""
    give(db, "u2", 10)
    first = give(db, "u1", 100)["id"]
    found = [*reversed([use(db, "u1", amount)["id"] for amount in (1, 2, 3, 4)]), first]
    use(db, "u2", 1)
    return found


def test_it_is_the_row_so_many_rows_on(api: Api, ids: list[Any]) -> None:
    assert [end(api, "u1", count) for count in range(1, 7)] == [*ids, None]


def test_it_counts_from_the_cursor_on(api: Api, ids: list[Any]) -> None:
    assert [end(api, "u1", count, cursor=ids[1]) for count in range(1, 5)] == [*ids[2:], None]


def test_it_counts_from_a_time_on(db: Connection, api: Api, ids: list[Any]) -> None:
    assert end(api, "u1", 1, to="2000-01-01T00:00:00Z") is None
    assert end(api, "u1", 1, to="9000-01-01T00:00:00Z") == ids[0]


def test_user_never_seen_has_none(api: Api) -> None:
    assert end(api, "nobody", 1) is None


def test_a_list_is_read_down_to_a_row(api: Api, ids: list[Any]) -> None:
    found = rows(api, "credits.list_transactions", user_id="u1", down_to=ids[2])
    assert [row["id"] for row in found] == ids[:3]
    assert rows(api, "credits.list_transactions", user_id="u1", down_to=ids[3], type="refund") == []
