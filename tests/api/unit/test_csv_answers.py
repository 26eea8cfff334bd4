"""Tables in CSV, of lines that are written already."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from starlette.responses import StreamingResponse

from api.http.csv import CsvTable
from api.http.paging import Listed

pytestmark = pytest.mark.anyio


class Line(msgspec.Struct, rename="camel"):
    line_id: str
    note: str | None


TABLE = CsvTable(Line, "lines")
HEADER = "lineId,note\r\n"


def item(number: int) -> Listed:
    return str(number), f"{number},a"


async def streamed(*batches: list[Listed] | Exception) -> list[str]:
    async def source() -> AsyncIterator[list[Listed]]:
        for batch in batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch

    answer = await TABLE.streamed(source())
    assert isinstance(answer, StreamingResponse)
    return [str(part) async for part in answer.body_iterator]


def test_the_fields_are_a_row_before_the_lines() -> None:
    body = bytes(TABLE.answer([item(1), item(2)]).body).decode()
    assert body == f"{HEADER}1,a\r\n2,a\r\n"


def test_without_lines_the_first_row_is_alone() -> None:
    assert bytes(TABLE.answer([]).body).decode() == HEADER


async def test_each_batch_is_a_part_and_the_header_is_in_the_first() -> None:
    assert await streamed([item(1), item(2)], [item(3)]) == [
        f"{HEADER}1,a\r\n2,a\r\n",
        "3,a\r\n",
    ]


async def test_what_goes_wrong_in_the_first_batch_can_still_be_answered() -> None:
    async def source() -> AsyncIterator[list[Listed]]:
        raise LookupError
        yield []

    with pytest.raises(LookupError):
        await TABLE.streamed(source())


async def test_what_goes_wrong_later_breaks_the_answer_off() -> None:
    with pytest.raises(LookupError):
        await streamed([item(1)], LookupError())
