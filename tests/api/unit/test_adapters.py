"""Lists reach PostgreSQL with every item as it is."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import psycopg
import pytest

from api.database.connections import Connections
from tests.databases import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connections(database: Database) -> AsyncIterator[Connections]:
    async with Connections(database.dsn("api"), size=1, prepare="auto") as connections:
        yield connections


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        ("text[]", ["a", "", " b ", "NULL", "null", None, "{c,d}", 'say "e"', "f\\g", "h\ni\tj"]),
        ("text[]", ['"', "\\", '\\"', "','", "ä€😀", "\x7f\u2028"]),
        ("text[]", []),
        ("text[]", [None]),
        ("numeric[]", [Decimal("0.000001"), Decimal(-5), None, Decimal("1E+3")]),
        ("bigint[]", [1, -(2**63)]),
    ],
)
async def test_items_arrive_as_they_are(
    connections: Connections, kind: str, items: list[Any]
) -> None:
    statement = f"select unnest(%(items)s::{kind})".encode()
    rows = await connections.fetch(statement, {"items": items})
    assert [value for (value,) in rows] == items


async def test_json_arrives_as_it_was_written(connections: Connections) -> None:
    written = rb'{"a": "say \"b\" \\ {c}", "d": [1.10]}'
    items = [msgspec.Raw(written), None]
    rows = await connections.fetch(b"select unnest(%(items)s::json[])", {"items": items})
    assert [value and bytes(value) for (value,) in rows] == [written, None]


async def test_what_cannot_be_stored_is_not_cut_short(connections: Connections) -> None:
    with pytest.raises(psycopg.DataError):
        await connections.fetch(b"select %(items)s::text[]", {"items": ["a\0b"]})
