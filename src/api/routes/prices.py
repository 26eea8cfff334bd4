"""Prices of operations, for anyone, and the charge of a debit before it is made."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.database.client import Functions
from api.database.refusals import REFUSALS
from api.database.rows import Lines, Price, Quote
from api.http.answers import json_answer
from api.http.bodies import Body
from api.http.fields import Id, Items, Moment, text_of
from api.http.operations import MEMBERS_ONLY, Answer, Caller, Operation
from api.identity.guild_policy import require_member
from api.routes.prefix import PREFIX
from api.services import calling_service, services_of

_REVALIDATED = {"Cache-Control": "no-cache"}


class QuotedItems(msgspec.Struct, rename="camel", kw_only=True):
    """The items of the debit in question: of one's own credits, or of a guild's."""

    items: Items
    app_id: Id | None = None
    guild_id: Id | None = None


class QuotedItemsOfUser(QuotedItems, kw_only=True):
    """The same for a user; without an app it is that of the X-App-Id header."""

    user_id: Id


class Quoted(msgspec.Struct, rename="camel", kw_only=True):
    """The charge, and whether a debit of it would pass.

    A refusal has the code and the details that the debit's own would have. `passesAt` is the
    earliest time at which the debit would pass as things stand; it is left out when time alone
    does not help.
    """

    amount: Decimal
    lines: Lines
    allowed: bool
    refusal: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    details: Raw | UnsetType = UNSET
    passes_at: Moment | UnsetType = UNSET


class Pricing(msgspec.Struct, rename="camel"):
    """The price of one unit of each operation, and since when the newest of these prices holds."""

    operation_costs: dict[str, Decimal]
    last_updated: Moment | None


QUOTE = Body(QuotedItems)
QUOTE_OF_USER = Body(QuotedItemsOfUser)


async def list_prices(request: Request) -> Response:
    """GET /credits/prices, for anyone."""
    prices = await services_of(request).prices.get()
    names = Price.__struct_fields__
    rows = [Price(**{name: getattr(price, name) for name in names}) for price in prices]
    return _unless_known(request, json_answer(rows))


async def tell_pricing(request: Request) -> Response:
    """GET /credits/pricing, for anyone."""
    prices = await services_of(request).prices.get()
    newest: datetime | None = max((price.valid_from for price in prices), default=None)
    pricing = Pricing({price.operation: price.cost for price in prices}, newest)
    return _unless_known(request, json_answer(pricing))


async def quote(request: Request) -> Response:
    """POST /credits/quote."""
    services = services_of(request)
    user = await services.callers.user(request)
    body = await QUOTE.read(request)
    if body.guild_id is not None:
        await require_member(services.memberships, body.guild_id, user.id)
    return await _quote(services.database, user.id, body, body.app_id)


async def quote_for_user(request: Request) -> Response:
    """POST /internal/credits/quote; a service answers for the membership of whom it serves."""
    service, functions = calling_service(request)
    body = await QUOTE_OF_USER.read(request)
    return await _quote(functions, body.user_id, body, body.app_id or service.app_id)


async def _quote(
    functions: Functions, user_id: str, body: QuotedItems, app_id: str | None
) -> Response:
    quoted = await functions.one(
        "credits.quote",
        Quote,
        p_user_id=user_id,
        p_items=text_of(body.items),
        p_app_id=app_id,
        p_guild_id=body.guild_id,
    )
    refusal = None if quoted.refusal is None else REFUSALS[quoted.refusal][1]
    return json_answer(
        Quoted(
            amount=quoted.amount,
            lines=quoted.lines,
            allowed=quoted.allowed,
            refusal=refusal or UNSET,
            message=quoted.message or UNSET,
            details=quoted.details or UNSET,
            passes_at=quoted.passes_at or UNSET,
        )
    )


def _unless_known(request: Request, answer: Response) -> Response:
    """Return an answer with its ETag; 304 to whoever has it already."""
    tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    headers: dict[str, Any] = {**_REVALIDATED, "ETag": tag}
    known = [
        part.strip().removeprefix("W/")
        for part in request.headers.get("If-None-Match", "").split(",")
    ]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer


_DEBIT_IN_QUESTION = "Nothing is changed by asking."

OPERATIONS = [
    Operation(
        method="GET",
        path=PREFIX + "/credits/prices",
        handler=list_prices,
        name="listPrices",
        tag="Prices",
        summary="What operations cost now",
        description="With an ETag. A line costs max(minimum, ceil(quantity / step) * step / per *"
        " unitPrice); the sum of the lines is rounded up once to 6 digits.",
        answers={
            200: Answer("The prices, in their order.", [list[Price]]),
            304: Answer("They are as `If-None-Match` says."),
        },
    ),
    Operation(
        method="GET",
        path=PREFIX + "/credits/pricing",
        handler=tell_pricing,
        name="getPricing",
        tag="Prices",
        summary="What one unit of each operation costs now",
        description="With an ETag.",
        answers={
            200: Answer("The costs by operation.", [Pricing]),
            304: Answer("They are as `If-None-Match` says."),
        },
    ),
    Operation(
        method="POST",
        path=PREFIX + "/credits/quote",
        handler=quote,
        name="quote",
        tag="Prices",
        summary="What items would cost, and whether one could use them now",
        description=_DEBIT_IN_QUESTION,
        caller=Caller.USER,
        body=QUOTE,
        answers={200: Answer("The price and the verdict, also where it is a refusal.", [Quoted])},
        refusals=("unknown_operation", *MEMBERS_ONLY),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/quote",
        handler=quote_for_user,
        name="quoteForUser",
        tag="Services: credits",
        summary="What items would cost a user or a guild, and whether a debit would pass",
        description=_DEBIT_IN_QUESTION,
        caller=Caller.SERVICE,
        body=QUOTE_OF_USER,
        answers={200: Answer("The price and the verdict, also where it is a refusal.", [Quoted])},
        refusals=("unknown_operation",),
    ),
]
