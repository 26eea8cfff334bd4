"""Prices, for anyone; what a debit would cost, and whether it would pass, before it is made."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.call import Call
from api.database import rows
from api.database.refusals import REFUSALS
from api.http import fields
from api.http.answers import json_answer
from api.http.bodies import Body, Given
from api.http.operations import Answer, Caller, Operation, Right, for_services
from api.routes.usage import require_app


class QuotedItems(Given, kw_only=True):
    """The items of the debit in question: of one's own credits, or of a guild's."""

    items: fields.Items
    app_id: fields.Id | None = None
    guild_id: fields.Id | None = None


class QuotedItemsOfUser(QuotedItems, kw_only=True):
    """The same for a user; without an app it is that of the X-App-Id header."""

    user_id: fields.Id


class Explain(Given, kw_only=True):
    """The debit in question: of a user's own credits, or of a guild's."""

    user_id: fields.Id
    amount: fields.Amount
    app_id: fields.Id | None = None
    guild_id: fields.Id | None = None


class Verdict(msgspec.Struct, rename="camel", kw_only=True):
    """Whether a debit would pass; `refusal` is the code that it would be refused with.

    `message` and `details` are those of that refusal. `passesAt` is the earliest time at which the
    debit would pass as things stand; it is left out when time alone does not help.
    """

    allowed: bool
    refusal: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    details: Raw | UnsetType = UNSET
    passes_at: fields.Moment | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Tell the SQLSTATE of the database as its code."""
        if self.refusal:
            self.refusal = REFUSALS[self.refusal]


class Quoted(Verdict, rename="camel", kw_only=True):
    """The charge, and whether a debit of it would pass."""

    amount: Decimal
    lines: fields.Lines


class Pricing(msgspec.Struct, rename="camel"):
    """The price of one unit of each operation, and since when the newest of these prices holds."""

    operation_costs: dict[str, Decimal]
    last_updated: fields.Moment | None


async def list_prices(call: Call[Any]) -> Response:
    """The present prices of operations."""
    prices = await call.services.prices.get()
    return _unless_known(call.request, json_answer([listed.price for listed in prices]))


async def get_pricing(call: Call[Any]) -> Response:
    """The present cost of one unit of each operation."""
    prices = await call.services.prices.get()
    newest: datetime | None = max((listed.price.valid_from for listed in prices), default=None)
    pricing = Pricing({listed.price.operation: listed.cost for listed in prices}, newest)
    return _unless_known(call.request, json_answer(pricing))


async def explain_use(call: Call[Explain]) -> Verdict:
    """Explain whether a debit would pass."""
    require_app(call)
    return await call.one(Verdict)


def _unless_known(request: Request, answer: Response) -> Response:
    """Return an answer with its ETag; 304 to whoever has it already."""
    tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    known = [
        part.strip().removeprefix("W/")
        for part in request.headers.get("If-None-Match", "").split(",")
    ]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer


_KNOWN = Answer("They are as `If-None-Match` says.")
_QUOTED: dict[str, Any] = {
    "description": "Nothing is changed by asking.",
    "function": "credits.quote",
    "answers": {200: Answer("The price and the verdict, also where it is a refusal.", [Quoted])},
}

OPERATIONS = [
    Operation(
        "GET /credits/prices",
        tag="Prices",
        description="With an ETag. A line costs max(minimum, ceil(quantity / step) * step / per *"
        " unitPrice); the sum of the lines is rounded up once to 6 digits.",
        handler=list_prices,
        answers={200: Answer("The prices, in their order.", [list[rows.Price]]), 304: _KNOWN},
    ),
    Operation(
        "GET /credits/pricing",
        tag="Prices",
        description="With an ETag.",
        handler=get_pricing,
        answers={200: Answer("The costs by operation.", [Pricing]), 304: _KNOWN},
    ),
    Operation(
        "POST /credits/quote",
        "The charge of items, and whether one could use them now",
        tag="Prices",
        caller=Caller.USER,
        body=Body(QuotedItems),
        user_as="p_user_id",
        right=Right.MEMBER,
        **_QUOTED,
    ),
    for_services(
        "POST /internal/credits/quote",
        "The charge of items for a user or a guild, and whether a debit would pass",
        name="quoteForUser",
        body=Body(QuotedItemsOfUser),
        **_QUOTED,
    ),
    for_services(
        "POST /internal/credits/explain",
        description="Nothing is changed by asking.",
        body=Body(Explain),
        function="credits.explain_use",
        handler=explain_use,
        answers={200: Answer("The verdict, also where it is a refusal.", [Verdict])},
    ),
]
