"""Statements of the user who asks: the ledger, as JSON or as CSV, and what was used by day."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.database.client import Functions
from api.database.rows import DailyUsage, OperationUsage, Row, Transaction, TransactionType
from api.http.answers import json_answer
from api.http.csv import CsvTable
from api.http.fields import Id, Moment, told
from api.http.operations import PAGE, Answer, Caller, Operation, Parameter
from api.http.paging import Listed, Page, array_answer, link_next
from api.http.parameters import Query
from api.http.preferences import prefers
from api.routes.prefix import PREFIX
from api.services import services_of

# Of a table, at once: others are served between one batch and the next.
_BATCH = 500

# Of a list that filters, for one page: what it leaves out is read all the same.
_MOST_READ = 2000

CSV = CsvTable(Transaction, "transactions")


class EndOfPage(Row):
    """The end of a page that filters."""

    end_of_page: UUID | None


class Part(NamedTuple):
    """A page of a ledger, and the next one if there is one."""

    rows: Sequence[Listed]
    following: Page | None


async def list_transactions(request: Request) -> Response:
    """GET /credits/transactions, filtered by type, app and time (`from` included, `to` not).

    A page of a list that filters by type or app may be short: it ends where enough has been read.
    """
    if prefers(request, "text/csv"):
        return await export_transactions(request)
    services = services_of(request)
    user = await services.callers.user(request)
    return await ledger_of(request, services.database, user.id)


async def ledger_of(request: Request, functions: Functions, user_id: str) -> Response:
    """Answer with a page of a user's ledger, as `list_transactions` says."""
    page, arguments = _asked(request, user_id)
    part = await _read(functions, page, arguments, as_csv=False)
    answer = array_answer(part.rows)
    return link_next(answer, request, part.following, services_of(request).settings.base_url)


async def export_transactions(request: Request) -> Response:
    """GET /credits/transactions.csv: all rows at once, unless a limit is given."""
    services = services_of(request)
    user = await services.callers.user(request)
    page, arguments = _asked(request, user.id)
    if "limit" not in request.query_params:
        return await CSV.streamed(_batches(services.database, page, arguments))
    part = await _read(services.database, page, arguments, as_csv=True)
    answer = CSV.answer(part.rows)
    return link_next(answer, request, part.following, services.settings.base_url)


def _asked(request: Request, user_id: str) -> tuple[Page, dict[str, Any]]:
    """Return which part of a user's ledger and which rows are asked for."""
    query = Query(request)
    page = query.page()
    arguments = {
        "p_user_id": user_id,
        "p_type": query.identifier("type"),
        "p_app_id": query.identifier("appId"),
        "p_from": query.moment("from"),
        "p_to": query.moment("to"),
    }
    query.check()
    return page, arguments


async def list_usage(request: Request) -> Response:
    """GET /credits/usage by app and UTC day, or by operation, `from` and `to` included.

    By default of 31 days.
    """
    services = services_of(request)
    user = await services.callers.user(request)
    query = Query(request)
    first, last, by = query.day("from"), query.day("to"), query.choice("by", ("app", "operation"))
    query.check()
    if by == "operation":
        return json_answer(
            await services.database.many(
                "credits.list_usage_by_operation",
                OperationUsage,
                p_user_id=user.id,
                p_from=first,
                p_to=last,
            )
        )
    return json_answer(
        await services.database.many(
            "credits.list_usage", DailyUsage, p_user_id=user.id, p_from=first, p_to=last
        )
    )


async def _read(
    functions: Functions, page: Page, arguments: dict[str, Any], *, as_csv: bool
) -> Part:
    """Read a page, and no more rows for it than may be read."""
    listed = functions.lines if as_csv else functions.items
    last = None
    if arguments["p_type"] is not None or arguments["p_app_id"] is not None:
        last = await _end_of_page(functions, page, arguments)
    if last is None:
        rows = await listed(
            "credits.list_transactions", Transaction, **arguments, **page.arguments()
        )
        left_to_pass = 0
    else:
        # Those passed over count, for the page after this one.
        found = await listed(
            "credits.list_transactions",
            Transaction,
            **arguments,
            p_limit=page.offset + page.limit + 1,
            p_cursor=page.cursor,
            p_down_to=last,
        )
        rows = found[page.offset :]
        left_to_pass = max(0, page.offset - len(found))
    if len(rows) > page.limit:
        return Part(rows[: page.limit], Page(page.limit, 0, UUID(rows[page.limit - 1][0])))
    return Part(rows, Page(page.limit, left_to_pass, last) if last else None)


async def _end_of_page(functions: Functions, page: Page, arguments: dict[str, Any]) -> UUID | None:
    """Return the last row that a page may reach; None if it may reach the end of the ledger."""
    found = await functions.one(
        "credits.end_of_page",
        EndOfPage,
        p_user_id=arguments["p_user_id"],
        p_rows=_MOST_READ,
        p_cursor=page.cursor,
        p_to=arguments["p_to"],
    )
    return found.end_of_page


async def _batches(
    functions: Functions, page: Page, arguments: dict[str, Any]
) -> AsyncIterator[Sequence[Listed]]:
    """Yield the ledger from the page on to its end.

    Each batch is a call of its own: a client that reads slowly keeps no connection busy.
    """
    following: Page | None = Page(_BATCH, page.offset, page.cursor)
    while following is not None:
        # A client that goes away cancels the answer; a call cut off would cost its connection.
        part = await asyncio.shield(_read(functions, following, arguments, as_csv=True))
        yield part.rows
        following = part.following


LEDGER_QUERY = [
    *PAGE,
    Parameter("type", TransactionType, "Only rows of this type."),
    Parameter("appId", Id, "Only rows of this app."),
    Parameter("from", Moment, "Only rows of this time and later."),
    Parameter("to", Moment, "Only rows before this time."),
]

OPERATIONS = [
    Operation(
        method="GET",
        path=PREFIX + "/credits/transactions",
        handler=list_transactions,
        name="listTransactions",
        tag="Personal credits",
        summary="One's own ledger, newest first",
        description="With `Accept: text/csv` it answers as `exportTransactions`. A page of"
        f" one type or app is made of at most {_MOST_READ} rows of the ledger: it may be short, and"
        " even empty, while `Link` leads on.",
        caller=Caller.USER,
        query=LEDGER_QUERY,
        answers={200: Answer("A page of it.", [list[Transaction]], paged=True)},
    ),
    Operation(
        method="GET",
        path=PREFIX + "/credits/transactions.csv",
        handler=export_transactions,
        name="exportTransactions",
        tag="Personal credits",
        summary="One's own ledger as a table, newest first",
        description="All of it, unless there is a limit. A text that a spreadsheet would take for a"
        " formula has an apostrophe in front.",
        caller=Caller.USER,
        query=LEDGER_QUERY,
        answers={200: Answer("The table.", other={"text/csv": str}, paged=True)},
    ),
    Operation(
        method="GET",
        path=PREFIX + "/credits/usage",
        handler=list_usage,
        name="listUsage",
        tag="Personal credits",
        summary="What was used of which app on which UTC day, or of which operation",
        description="By operation only what was used by items is known, the dearest first.",
        caller=Caller.USER,
        query=[
            Parameter("from", date, "The first day; by default 30 days before the last."),
            Parameter("to", date, "The last day, included; by default today."),
            Parameter(
                "by",
                Annotated[str, told(enum=["app", "operation"], default="app")],
                "Added up by app and day, or by operation and app.",
            ),
        ],
        answers={
            200: Answer(
                "The newest days first, at most 10000 rows.",
                [list[DailyUsage], list[OperationUsage]],
            )
        },
    ),
]
