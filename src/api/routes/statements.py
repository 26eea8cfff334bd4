"""Statements of the user who asks: the ledger, as JSON or as CSV, and what was used by day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.csv_answers import CsvTable
from api.database import Functions
from api.fields import Id, Moment
from api.operations import PAGE, Answer, Caller, Operation, Parameter
from api.paging import Page, link_next, page_answer
from api.parameters import Query
from api.preferences import prefers
from api.routes.prefix import PREFIX
from api.rows import DailyUsage, Transaction, TransactionType
from api.services import services_of

_BATCH = 500

CSV = CsvTable(Transaction, "transactions")


async def list_transactions(request: Request) -> Response:
    """GET /credits/transactions, filtered by type, app and time (`from` included, `to` not).

    As CSV all of them at once, unless a limit is given.
    """
    services = services_of(request)
    user = await services.callers.user(request)
    query = Query(request)
    page = query.page()
    arguments = {
        "p_user_id": user.id,
        "p_type": query.identifier("type"),
        "p_app_id": query.identifier("appId"),
        "p_from": query.moment("from"),
        "p_to": query.moment("to"),
    }
    query.check()
    as_csv = prefers(request, "text/csv")
    if as_csv and "limit" not in request.query_params:
        return await CSV.streamed(_batches(services.database, page, arguments))
    rows = await services.database.many(
        "credits.list_transactions", Transaction, **arguments, **page.arguments()
    )
    base_url = services.settings.base_url
    if as_csv:
        return link_next(CSV.answer(rows[: page.limit]), request, page, rows, base_url)
    return page_answer(request, page, rows, rows, base_url)


async def list_usage(request: Request) -> Response:
    """GET /credits/usage by app and UTC day, `from` and `to` included; by default 31 days."""
    services = services_of(request)
    user = await services.callers.user(request)
    query = Query(request)
    first, last = query.day("from"), query.day("to")
    query.check()
    return json_answer(
        await services.database.many(
            "credits.list_usage", DailyUsage, p_user_id=user.id, p_from=first, p_to=last
        )
    )


async def _batches(
    functions: Functions, page: Page, arguments: dict[str, Any]
) -> AsyncIterator[list[Transaction]]:
    """Yield the ledger from the page on to its end.

    Each batch is a call of its own: a client that reads slowly keeps no connection busy.
    """
    offset, cursor = page.offset, page.cursor
    while True:
        call = functions.many(
            "credits.list_transactions",
            Transaction,
            **arguments,
            p_limit=_BATCH,
            p_offset=offset,
            p_cursor=cursor,
        )
        # A client that goes away cancels the answer; a call cut off would cost its connection.
        rows = await asyncio.shield(call)
        yield rows
        if len(rows) < _BATCH:
            return
        offset, cursor = 0, rows[-1].id


OPERATIONS = [
    Operation(
        method="GET",
        path=PREFIX + "/credits/transactions",
        handler=list_transactions,
        name="listTransactions",
        tag="Personal credits",
        summary="One's own ledger, newest first",
        description="With `Accept: text/csv` a table: all of it, unless there is a limit.",
        caller=Caller.USER,
        query=[
            *PAGE,
            Parameter("type", TransactionType, "Only rows of this type."),
            Parameter("appId", Id, "Only rows of this app."),
            Parameter("from", Moment, "Only rows of this time and later."),
            Parameter("to", Moment, "Only rows before this time."),
        ],
        answers={
            200: Answer("A page of it.", [list[Transaction]], other={"text/csv": str}, paged=True)
        },
    ),
    Operation(
        method="GET",
        path=PREFIX + "/credits/usage",
        handler=list_usage,
        name="listUsage",
        tag="Personal credits",
        summary="What was used of which app on which UTC day",
        caller=Caller.USER,
        query=[
            Parameter("from", date, "The first day; by default 30 days before the last."),
            Parameter("to", date, "The last day, included; by default today."),
        ],
        answers={200: Answer("The newest days first, at most 10000 rows.", [list[DailyUsage]])},
    ),
]
