"""Statements of a user: the ledger, as JSON or as CSV, and what was used by day."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.operations import Answer, for_services, own_credits
from api.http.paging import Listed, Page, Part, array_answer
from api.http.parameters import PAGE, Day, Parameter, choice
from api.http.preferences import prefers
from api.routes.calls import linked

# Of a table, at once: others are served between one batch and the next.
_BATCH = 500

# Of a list that filters, for one page: what it leaves out is read all the same.
_MOST_READ = 2000

# CSV as RFC 4180 has it: the columns are the fields of the JSON, and `api.database.written` has the
# lines.
_CSV = "text/csv; charset=utf-8; header=present"
_AS_FILE = {"Content-Disposition": 'attachment; filename="transactions.csv"'}
_HEADER = ",".join(one.encode_name for one in msgspec.structs.fields(rows.Transaction)) + "\r\n"

Listing = Callable[..., Awaitable[list[Listed]]]


async def list_transactions(call: Call[Any]) -> Response:
    """One's own ledger, newest first.

    A page of it, or a table for those who accept CSV.
    """
    if prefers(call.request, "text/csv"):
        return await export_transactions(call)
    return await ledger(call)


async def ledger(call: Call[Any]) -> Response:
    """A user's ledger, newest first.

    A page of a list that filters by type or app may be short: it ends where enough has been read.
    """
    listed, following = await _read(call, call.page, call.functions.items)
    return linked(call, following, array_answer(listed))


async def export_transactions(call: Call[Any]) -> Response:
    """One's own ledger as a table, newest first.

    All rows at once, unless a limit is given.
    """
    if "limit" not in call.request.query_params:
        return await streamed(_batches(call))
    listed, following = await _read(call, call.page, call.functions.lines)
    table = Response(_HEADER + _lines(listed), media_type=_CSV, headers=_AS_FILE)
    return linked(call, following, table)


async def streamed(batches: AsyncIterator[Iterable[Listed]]) -> Response:
    """Return the table with the rows of all batches, one batch at a time in memory.

    The first batch is awaited here, so that its errors are still answered as such. A later error
    breaks the connection off, which tells the client that rows are missing.
    """
    first = await anext(batches)

    async def text() -> AsyncIterator[str]:
        yield _HEADER + _lines(first)
        async for batch in batches:
            yield _lines(batch)

    return StreamingResponse(text(), media_type=_CSV, headers=_AS_FILE)


def _lines(batch: Iterable[Listed]) -> str:
    return "".join([f"{line}\r\n" for _, line in batch])


async def list_usage(call: Call[Any]) -> Sequence[rows.DailyUsage | rows.OperationUsage]:
    """Use by app and UTC day, or by operation and app."""
    if call.query["by"] == "operation":
        function = "credits.list_usage_by_operation"
        return await call.functions.many(function, rows.OperationUsage, **call.arguments)
    return await call.functions.many("credits.list_usage", rows.DailyUsage, **call.arguments)


async def _read(call: Call[Any], page: Page, listing: Listing) -> Part:
    """Read a page, and no more rows for it than may be read."""
    arguments = {**call.arguments, **page.arguments()}
    last = None
    if arguments["p_type"] is not None or arguments["p_app_id"] is not None:
        last = await _end_of_page(call, page)
    if last is not None:
        # Those passed over count, for the page after this one.
        arguments |= {"p_limit": page.offset + page.limit + 1, "p_offset": 0, "p_down_to": last}
    listed = await listing(call.operation.function, rows.Transaction, **arguments)
    if last is None:
        return page.cut(listed)
    left_to_pass = max(0, page.offset - len(listed))
    part = page.cut(listed[page.offset :])
    return part if part.following else Part(part.rows, Page(page.limit, left_to_pass, last))


async def _end_of_page(call: Call[Any], page: Page) -> str | None:
    """Return the last row that a page may reach; None if it may reach the end of the ledger."""
    last: str | None = await call.functions.value(
        "credits.end_of_page",
        "end_of_page::text",
        p_user_id=call.arguments["p_user_id"],
        p_rows=_MOST_READ,
        p_cursor=page.cursor,
        p_to=call.arguments["p_to"],
    )
    return last


async def _batches(call: Call[Any]) -> AsyncIterator[Sequence[Listed]]:
    """Yield the ledger from the page on to its end.

    Each batch is a call of its own: a client that reads slowly keeps no connection busy.
    """
    following: Page | None = Page(_BATCH, call.page.offset, call.page.cursor)
    while following is not None:
        # A client that goes away cancels the answer; a call cut off would cost its connection.
        part = await asyncio.shield(_read(call, following, call.functions.lines))
        yield part.rows
        following = part.following


_TYPE, _TYPES = rows.TransactionType, rows.TRANSACTION_TYPES
_LEDGER_QUERY = [
    *PAGE,
    Parameter("type", _TYPE, "Only rows of this type.", "p_type", _TYPES),
    Parameter("appId", fields.Id, "Only rows of this app.", "p_app_id"),
    Parameter("from", fields.Moment, "Only rows of this time and later.", "p_from"),
    Parameter("to", fields.Moment, "Only rows before this time.", "p_to"),
]

OPERATIONS = [
    own_credits(
        "GET /credits/transactions",
        description="With `Accept: text/csv` it answers as `exportTransactions`. A page of"
        f" one type or app is made of at most {_MOST_READ} rows of the ledger: it may be short, and"
        " even empty, while `Link` leads on.",
        query=_LEDGER_QUERY,
        function="credits.list_transactions",
        handler=list_transactions,
        answers={200: Answer("A page of it.", [list[rows.Transaction]])},
    ),
    own_credits(
        "GET /credits/transactions.csv",
        name="exportTransactions",
        description="All of it, unless there is a limit. A text that a spreadsheet would take for a"
        " formula has an apostrophe in front.",
        query=_LEDGER_QUERY,
        function="credits.list_transactions",
        handler=export_transactions,
        answers={200: Answer("The table.", other={"text/csv": str})},
    ),
    for_services(
        "GET /internal/credits/accounts/{userId}/transactions",
        name="listTransactionsOfUser",
        query=_LEDGER_QUERY,
        function="credits.list_transactions",
        handler=ledger,
        answers={200: Answer("A page of it.", [list[rows.Transaction]])},
    ),
    own_credits(
        "GET /credits/usage",
        description="By operation only what was used by items is known, the dearest first.",
        query=[
            Parameter("from", Day, "The first day; by default 30 days before the last.", "p_from"),
            Parameter("to", Day, "The last day, included; by default today.", "p_to"),
            choice("by", "Added up by app and day, or by operation and app.", "app", "operation"),
        ],
        handler=list_usage,
        answers={
            200: Answer(
                "The newest days first, at most 10000 rows.",
                [list[rows.DailyUsage], list[rows.OperationUsage]],
            )
        },
    ),
]
