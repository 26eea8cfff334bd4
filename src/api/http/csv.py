"""CSV answers (RFC 4180): the columns are the fields of the JSON answer, amounts are exact."""

from collections.abc import AsyncIterator, Iterable, Sequence

import msgspec
from starlette.responses import Response, StreamingResponse

from api.http.paging import Listed

_MEDIA_TYPE = "text/csv; charset=utf-8; header=present"


class CsvTable:
    """Makes a table of lines that are written already (`api.database.written`), a header row first.

    The columns are the fields of a Struct; the file has a name.
    """

    def __init__(self, shape: type[msgspec.Struct], name: str) -> None:
        columns = [field.encode_name for field in msgspec.structs.fields(shape)]
        self._header = _lines([("", ",".join(columns))])
        self._headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}

    def answer(self, rows: Iterable[Listed]) -> Response:
        """Return the answer that has these rows."""
        text = self._header + _lines(rows)
        return Response(text, media_type=_MEDIA_TYPE, headers=self._headers)

    async def streamed(self, batches: AsyncIterator[Sequence[Listed]]) -> Response:
        """Return the answer with the rows of all batches, one batch at a time in memory.

        The first batch is awaited here, so that its errors are still answered as such. A later
        error breaks the connection off, which tells the client that rows are missing.
        """
        first = await anext(batches)

        async def text() -> AsyncIterator[str]:
            yield self._header + _lines(first)
            async for rows in batches:
                yield _lines(rows)

        return StreamingResponse(text(), media_type=_MEDIA_TYPE, headers=self._headers)


def _lines(rows: Iterable[Listed]) -> str:
    return "".join([f"{line}\r\n" for _, line in rows])
