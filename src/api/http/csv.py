"""CSV answers (RFC 4180): the columns are the fields of the JSON answer, amounts are exact."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from typing import Any, Generic, TypeVar, get_args

import msgspec
from msgspec import Raw
from starlette.responses import Response, StreamingResponse

Shape = TypeVar("Shape", bound=msgspec.Struct)

_MEDIA_TYPE = "text/csv; charset=utf-8; header=present"

# What makes a spreadsheet read a text as a formula, the signs that Chinese and Japanese keyboards
# write as wide as a letter too; people's texts are not to be run.
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


class CsvTable(Generic[Shape]):
    """Writes Structs of one shape as the rows of a table, a header row first.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; None is an
    empty cell.
    """

    def __init__(self, shape: type[Shape], name: str) -> None:
        fields = msgspec.structs.fields(shape)
        self._header = [field.encode_name for field in fields]
        self._is_text = [field.type is str or str in get_args(field.type) for field in fields]
        self._disposition = f'attachment; filename="{name}.csv"'

    def answer(self, rows: Iterable[Shape]) -> Response:
        """Return the answer that has these rows."""
        text = self._lines([self._header, *map(self._cells, rows)])
        return Response(text, media_type=_MEDIA_TYPE, headers=self._headers())

    async def streamed(self, batches: AsyncIterator[list[Shape]]) -> Response:
        """Return the answer that has the rows of all batches, one batch at a time in memory.

        The first batch is awaited here, so that its errors are still answered as such; a later
        one breaks the connection off, which tells the client that rows are missing.
        """
        first = await anext(batches)

        async def text() -> AsyncIterator[str]:
            yield self._lines([self._header, *map(self._cells, first)])
            async for rows in batches:
                yield self._lines(map(self._cells, rows))

        return StreamingResponse(text(), media_type=_MEDIA_TYPE, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Content-Disposition": self._disposition}

    def _lines(self, rows: Iterable[list[str]]) -> str:
        file = io.StringIO()
        csv.writer(file).writerows(rows)
        return file.getvalue()

    def _cells(self, row: Shape) -> list[str]:
        values = msgspec.structs.astuple(row)
        return [
            _guarded(value or "") if is_text else _written(value)
            for value, is_text in zip(values, self._is_text, strict=True)
        ]


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return bytes(value).decode() if isinstance(value, Raw) else str(msgspec.to_builtins(value))
