"""Rows that PostgreSQL writes are those that the encoder of all other answers would write."""

import csv
import io
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from api.database.connections import Connections
from api.database.rows import (
    GuildTransaction,
    Purchase,
    ReceivedGift,
    Row,
    Transaction,
    TransactionType,
)
from api.database.written import csv_of, json_of
from api.http.answers import encoded
from api.http.fields import Metadata, Moment
from tests.databases import Database
from tests.sql.books import add_package
from tests.sql.calls import call, fund, gift, give, redeem, use, use_guild

pytestmark = pytest.mark.anyio


class Odd(Row):
    """A row with a column of each type, and each but words and JSON also without a value."""

    id: UUID
    type: TransactionType
    amount: Decimal
    some_text: str
    some_data: Metadata
    made_at: Moment
    count: int
    is_odd: bool
    no_id: UUID | None
    no_amount: Decimal | None
    no_text: str | None
    no_moment: Moment | None
    no_count: int | None
    no_flag: bool | None


class Line(Row):
    """A row as there are in tables."""

    id: UUID
    type: TransactionType
    amount: Decimal
    some_text: str
    some_data: Metadata
    made_at: Moment
    no_text: str | None
    no_moment: Moment | None


_ORDINARY: dict[str, Any] = {
    "id": "01900000-0000-7000-8000-00000000000A",
    "type": "usage",
    "amount": "-0.02",
    "some_text": "One answer",
    "some_data": "{}",
    "made_at": "2026-01-31 12:00:00.123456Z",
    "count": 3,
    "is_odd": True,
}
_TYPES = {
    "id": "uuid",
    "type": "credits.entry_type",
    "amount": "numeric",
    "some_text": "text",
    "some_data": "jsonb",
    "made_at": "timestamptz",
    "count": "integer",
    "is_odd": "boolean",
    "no_id": "uuid",
    "no_amount": "numeric",
    "no_text": "text",
    "no_moment": "timestamptz",
    "no_count": "integer",
    "no_flag": "boolean",
}
_MOMENTS = [
    "2026-01-31 12:00:00Z",
    "2026-01-31 12:00:00.1Z",
    "2026-01-31 12:00:00.000001Z",
    "2026-06-30 23:59:59.999999+05:30",
    "2026-06-30 00:00:00.000000-11",
    "2026-06-30 00:00:00.120000Z",
    "0099-01-01 00:00:00Z",
    "9999-12-31 12:00:00.999999Z",
]
_TEXTS = [
    "",
    " ",
    "null",
    'say "hello"',
    "back\\slash \\n \\u0041 /",
    "a\tb\nc\rd\be\ff",
    "".join(map(chr, range(1, 0x80))),
    "".join(chr(point) for point in range(0x80, 0xD800, 7)),
    "\u2028\u2029\x7f\x85\ufeff\ufffd\U0001f600\U0010ffff",
]
_STARTS = (*"=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", "'")
_AMOUNTS = ["0", "0.000000", "5.000000", "500", "-0.000001", "999999999999.999999", "1E+3", "10.10"]
_DATA = [
    '{"a": 1, "a": 2}',
    r'{"\u00e4\ud83d\ude00\"": "\\ \b\u001f", "n": 1.10, "big": 1e300, "deep": [[{"": null}]]}',
    '{"csv": "a,b;\\"c\\"\\r\\n=1"}',
    "[]",
]
_ODD: list[dict[str, Any]] = [
    {},
    *({"made_at": moment, "no_moment": moment} for moment in _MOMENTS),
    *({"some_text": text, "no_text": text} for text in _TEXTS),
    *({"amount": amount, "no_amount": amount} for amount in _AMOUNTS),
    *({"some_data": data} for data in _DATA),
    {"is_odd": False, "no_flag": True, "no_count": 0, "count": -(2**31)},
    {"no_id": _ORDINARY["id"], "no_flag": False},
]
_LISTS: dict[str, type[Row]] = {
    "credits.list_transactions": Transaction,
    "credits.list_guild_transactions": GuildTransaction,
    "credits.list_purchases": Purchase,
    "gifts.list_received_gifts": ReceivedGift,
}


@pytest.fixture
async def connections(database: Database) -> AsyncIterator[Connections]:
    async with Connections(database.dsn("api"), size=1, prepare="auto") as connections:
        await connections.fetch(b"select set_config('TimeZone', 'Asia/Kathmandu', false)", {})
        yield connections


async def selected(
    connections: Connections, what: str, row: type[Row], odd: dict[str, Any]
) -> tuple[Any, ...]:
    """Select an expression and all columns from one row."""
    columns = ", ".join(
        f"%({name})s::text::{kind} as {name}"
        for name, kind in _TYPES.items()
        if name in row.__struct_fields__
    )
    names = ", ".join(row.__struct_fields__)
    values = {**dict.fromkeys(_TYPES), **_ORDINARY, **odd}
    statement = f"select {what}, {names} from (select {columns}) as odd"
    [found] = await connections.fetch(statement.encode(), values)
    return found


async def test_a_row_is_written_as_the_encoder_writes_it(connections: Connections) -> None:
    for odd in _ODD:
        text, *values = await selected(connections, json_of(Odd), Odd, odd)
        assert text.encode() == encoded(Odd(*values))
        json.loads(text)


async def test_a_line_is_what_the_encoder_writes_with_formulas_disarmed(
    connections: Connections,
) -> None:
    formulas = [
        {"some_text": start + text, "no_text": start} for start in _STARTS for text in _TEXTS
    ]
    for odd in (*_ODD, *formulas):
        text, *values = await selected(connections, csv_of(Line), Line, odd)
        assert text + "\r\n" == line_of(Line(*values))


def line_of(row: Line) -> str:
    """Return a row as Python's own writer writes it, with cells as in JSON."""
    fields = msgspec.json.decode(encoded(row), type=dict[str, msgspec.Raw])
    file = io.StringIO()
    csv.writer(file).writerow(cell(bytes(value).decode()) for value in fields.values())
    return file.getvalue()


def cell(value: str) -> str:
    if value == "null":
        return ""
    if not value.startswith('"'):
        return value
    text = str(json.loads(value))
    return f"'{text}" if text.startswith(_STARTS[:-1]) else text


@pytest.fixture
def odd_history(database: Database) -> None:
    """Movements of the person and the pool `odd`, as odd as they can be."""
    with database.connect() as owner:
        give(owner, "odd", 999_999_999)
        call(owner, "credits.init_guild_pool", organization_id="odd")
        fund(owner, "odd", "odd", "123456.7")
        for number, text in enumerate(filter(str.strip, _TEXTS)):
            told: dict[str, Any] = {
                "description": text,
                "idempotency_key": f"{number}{text}"[:200],
                "metadata": {text: text},
            }
            use(owner, "odd", "0.000001", **told)
            use_guild(owner, "odd", "odd", "0.000001", **told)
        code = gift(owner, "odd", 7, message='"\\\t', total_portions=7, type="split")["code"]
        redeem(owner, code, "odd")
        package = add_package(owner)
        call(owner, "credits.begin_purchase", user_id="odd", package_id=package["id"])


async def test_what_lists_have_is_written_as_the_encoder_writes_it(
    odd_history: None, connections: Connections
) -> None:
    for listing, row in _LISTS.items():
        columns = ", ".join((json_of(row), *row.__struct_fields__))
        found = await connections.fetch(f"select {columns} from {listing}('odd')".encode(), {})
        assert found
        for text, *values in found:
            assert text.encode() == encoded(row(*values))
