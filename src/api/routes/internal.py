"""Routes for trusted services, which present a service key."""

from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.answers import BalanceOnly, json_answer, repeated
from api.bodies import Body
from api.errors import invalid_request
from api.fields import NO_METADATA, Amount, Id, Key, Metadata, Text, given
from api.idempotency import idempotency_key
from api.parameters import parse_uuid, path_id
from api.routes.prefix import api_route
from api.routes.usage import (
    Use,
    arguments_of,
    guild_of,
    use_guild,
    use_personal,
)
from api.rows import Account, CountedBalance, Movement, Pool, RedeemedPendingGifts, Transaction
from api.services import services_of


class ServiceUse(Use, kw_only=True):
    """A use on behalf of a user; without an app it is that of the X-App-Id header."""

    user_id: Id
    app_id: Id | None = None


class Refund(msgspec.Struct, rename="camel", kw_only=True):
    """What a user gets back, and for which usage if it is known."""

    user_id: Id
    amount: Amount
    description: Text
    app_id: Id | None = None
    transaction_id: Text | None = None
    idempotency_key: Key | None = None
    metadata: Metadata = NO_METADATA


class Init(msgspec.Struct, rename="camel"):
    """Whose balance springs up."""

    user_id: Id


class RedeemPending(msgspec.Struct, rename="camel"):
    """Who has registered, with which address."""

    user_id: Id
    email: Text


class InitPool(msgspec.Struct, rename="camel"):
    """Whose pool springs up."""

    organization_id: Id


class RefundAnswer(msgspec.Struct, rename="camel", kw_only=True):
    """A refund and the balance after it."""

    success: bool = True
    transaction: Transaction
    new_balance: BalanceOnly
    message: str | UnsetType = UNSET


class PendingAnswer(msgspec.Struct, rename="camel"):
    """How many gifts were received, by two names, and how much in all."""

    redeemed: int
    redeemed_count: int
    total_credits: Decimal


USE = Body(ServiceUse)
REFUND = Body(Refund)
INIT = Body(Init)
REDEEM_PENDING = Body(RedeemPending)
INIT_POOL = Body(InitPool)


async def get_balance(request: Request) -> Response:
    """GET /internal/credits/balance/:userId."""
    services = services_of(request)
    services.callers.service(request)
    return json_answer(
        await services.database.one(
            "credits.get_balance", CountedBalance, p_user_id=path_id(request, "userId")
        )
    )


async def use_credits(request: Request) -> Response:
    """POST /internal/credits/use; a service answers for the membership of whom it serves."""
    services = services_of(request)
    service = services.callers.service(request)
    use = await USE.read(request)
    guild_id = guild_of(use)
    app_id = use.app_id or service.app_id
    if app_id is None:
        raise invalid_request({"appId": "is missing"})
    arguments = arguments_of(request, use, app_id)
    if guild_id is None:
        return json_answer(await use_personal(services.database, use.user_id, arguments))
    return json_answer(await use_guild(services.database, guild_id, use.user_id, arguments))


async def refund_credits(request: Request) -> Response:
    """POST /internal/credits/refund."""
    services = services_of(request)
    service = services.callers.service(request)
    refund = await REFUND.read(request)
    transaction_id = parse_uuid(refund.transaction_id)
    if refund.transaction_id is not None and transaction_id is None:
        raise invalid_request({"transactionId": "must be a UUID"})
    movement = await services.database.one(
        "credits.refund_credits",
        Movement,
        p_user_id=refund.user_id,
        p_amount=refund.amount,
        p_description=refund.description,
        p_app_id=refund.app_id or service.app_id,
        p_transaction_id=transaction_id,
        p_idempotency_key=idempotency_key(request, refund.idempotency_key),
        p_metadata=given(refund.metadata),
    )
    return json_answer(
        RefundAnswer(
            transaction=movement.transaction(),
            new_balance=BalanceOnly(movement.balance),
            message=repeated(movement.replayed),
        )
    )


async def init_balance(request: Request) -> Response:
    """POST /internal/credits/init."""
    services = services_of(request)
    services.callers.service(request)
    body = await INIT.read(request)
    return json_answer(
        await services.database.one("credits.init_balance", Account, p_user_id=body.user_id)
    )


async def redeem_pending_gifts(request: Request) -> Response:
    """POST /internal/gifts/redeem-pending."""
    services = services_of(request)
    services.callers.service(request)
    body = await REDEEM_PENDING.read(request)
    redeemed = await services.database.one(
        "gifts.redeem_pending_gifts",
        RedeemedPendingGifts,
        p_user_id=body.user_id,
        p_email=body.email,
    )
    return json_answer(
        PendingAnswer(redeemed.redeemed_count, redeemed.redeemed_count, redeemed.total_credits)
    )


async def init_pool(request: Request) -> Response:
    """POST /internal/guild-pool/init."""
    services = services_of(request)
    services.callers.service(request)
    body = await INIT_POOL.read(request)
    return json_answer(
        await services.database.one(
            "credits.init_guild_pool", Pool, p_organization_id=body.organization_id
        )
    )


ROUTES = [
    api_route("POST", "/internal/credits/use", use_credits),
    api_route("GET", "/internal/credits/balance/{userId}", get_balance),
    api_route("POST", "/internal/credits/refund", refund_credits),
    api_route("POST", "/internal/credits/init", init_balance),
    api_route("POST", "/internal/gifts/redeem-pending", redeem_pending_gifts),
    api_route("POST", "/internal/guild-pool/init", init_pool),
]
