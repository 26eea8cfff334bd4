import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from starlette.responses import StreamingResponse

from api.http.csv import CsvTable

pytestmark = pytest.mark.anyio


class Line(msgspec.Struct, rename="camel"):
    line_id: UUID
    amount: Decimal
    note: str | None
    data: msgspec.Raw
    written_at: datetime | None


TABLE = CsvTable(Line, "lines")
ID = UUID("01900000-0000-7000-8000-000000000001")
HEADER = "lineId,amount,note,data,writtenAt\r\n"


def line(**changes: Any) -> Line:
    values = {
        "line_id": ID,
        "amount": Decimal("-0.02"),
        "note": "a",
        "data": msgspec.Raw(b"{}"),
        "written_at": datetime(2026, 1, 31, 12, tzinfo=UTC),
    }
    return Line(**{**values, **changes})


async def streamed(*batches: list[Line] | Exception) -> list[str]:
    async def source() -> AsyncIterator[list[Line]]:
        for batch in batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch

    answer = await TABLE.streamed(source())
    assert isinstance(answer, StreamingResponse)
    return [str(part) async for part in answer.body_iterator]


def test_every_type_is_written_as_in_json() -> None:
    body = bytes(TABLE.answer([line()]).body).decode()
    assert body == f"{HEADER}{ID},-0.02,a,{{}},2026-01-31T12:00:00Z\r\n"


def test_none_is_an_empty_cell() -> None:
    body = bytes(TABLE.answer([line(note=None, written_at=None)]).body).decode()
    assert body == f"{HEADER}{ID},-0.02,,{{}},\r\n"


@pytest.mark.parametrize("amount", ["999999999999.999999", "0.000001", "1E+2"])
def test_an_amount_is_written_as_it_is(amount: str) -> None:
    cells = bytes(TABLE.answer([line(amount=Decimal(amount))]).body).decode().split("\r\n")[1]
    assert cells.split(",")[1] == f"{Decimal(amount):f}"


@pytest.mark.parametrize("start", ["=", "\t", "\r", "\n", "\r\n", "\uff1d", "\uff20"])
def test_a_text_that_a_spreadsheet_would_run_is_one_quoted_cell(start: str) -> None:
    body = bytes(TABLE.answer([line(note=f"{start}1+1,2")]).body).decode()
    [_, cells] = csv.reader(io.StringIO(body, newline=""))
    assert cells[2] == f"'{start}1+1,2"
    assert len(cells) == 5


async def test_each_batch_is_a_part_and_the_header_is_in_the_first() -> None:
    first, second = await streamed([line(note="1"), line(note="2")], [line(note="3")])
    assert first.startswith(HEADER)
    assert (first.count("\r\n"), second.count("\r\n")) == (3, 1)


async def test_what_goes_wrong_in_the_first_batch_can_still_be_answered() -> None:
    async def source() -> AsyncIterator[list[Line]]:
        raise LookupError
        yield []

    with pytest.raises(LookupError):
        await TABLE.streamed(source())


async def test_what_goes_wrong_later_breaks_the_answer_off() -> None:
    with pytest.raises(LookupError):
        await streamed([line()], LookupError())
