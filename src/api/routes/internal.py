"""Routes for trusted services, which present a service key."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.database.rows import (
    Account,
    CountedBalance,
    Erasure,
    GrantedCredits,
    Movement,
    Pool,
    RedeemedPendingGifts,
    Transaction,
)
from api.http.answers import BalanceOnly, Repeatable, json_answer, repeated
from api.http.bodies import MOST_SERVICE_BYTES, Body
from api.http.fields import (
    FREE_TEXT,
    NO_METADATA,
    Amount,
    Description,
    Id,
    Key,
    Metadata,
    Moment,
    Text,
    UuidText,
    Word,
    cut,
    given,
)
from api.http.idempotency import idempotency_key
from api.http.operations import AT, Answer, Caller, Operation, Parameter
from api.http.parameters import Query, path_id, uuid_of
from api.http.texts import FreeText
from api.routes.prefix import PREFIX
from api.routes.usage import (
    GuildUse,
    PersonalUse,
    Use,
    app_of,
    arguments_of,
    guild_of,
    use_guild,
    use_personal,
)
from api.services import calling_service


class ServiceUse(Use, kw_only=True):
    """A use on behalf of a user; without an app it is that of the X-App-Id header."""

    user_id: Id
    app_id: Id | None = None


class Refund(msgspec.Struct, rename="camel", kw_only=True):
    """Credits to give back to a user, and the usage that they are from, if it is known."""

    user_id: Id
    amount: Amount
    description: Description
    app_id: Id | None = None
    transaction_id: UuidText | None = None
    idempotency_key: Key | None = None
    metadata: Metadata = NO_METADATA


class Grant(msgspec.Struct, rename="camel", kw_only=True):
    """Credits to grant, once for each reference; with a date they expire."""

    user_id: Id
    amount: Amount
    reason: Annotated[FreeText, FREE_TEXT, cut(255, minLength=1)]
    reference_id: Word
    description: Description | None = None
    expires_at: Moment | None = None
    idempotency_key: Key | None = None


class Init(msgspec.Struct, rename="camel"):
    """The user whose account is opened."""

    user_id: Id


class RedeemPending(msgspec.Struct, rename="camel"):
    """A user who has registered, and their address."""

    user_id: Id
    email: Text


class InitPool(msgspec.Struct, rename="camel"):
    """The guild whose pool is opened."""

    organization_id: Id


class RefundAnswer(Repeatable, kw_only=True):
    """A refund and the balance after it."""

    success: bool = True
    transaction: Transaction
    new_balance: BalanceOnly


class GrantAnswer(Repeatable, kw_only=True):
    """A grant and the balance after it."""

    ok: bool = True
    already_granted: bool
    new_balance: Decimal
    transaction_id: UUID


class PendingAnswer(msgspec.Struct, rename="camel"):
    """Gifts received, counted under two names, their credits, and whether more wait."""

    redeemed: int
    redeemed_count: int
    total_credits: Decimal
    more: bool | UnsetType = UNSET


USE = Body(ServiceUse, MOST_SERVICE_BYTES)
REFUND = Body(Refund, MOST_SERVICE_BYTES)
GRANT = Body(Grant, MOST_SERVICE_BYTES)
INIT = Body(Init)
REDEEM_PENDING = Body(RedeemPending)
INIT_POOL = Body(InitPool)


async def get_balance(request: Request) -> Response:
    """GET /internal/credits/balance/:userId, now or at the time `at`."""
    _, functions = calling_service(request)
    query = Query(request)
    at = query.moment("at")
    query.check()
    return json_answer(
        await functions.one(
            "credits.get_balance", CountedBalance, p_user_id=path_id(request, "userId"), p_at=at
        )
    )


async def use_credits(request: Request) -> Response:
    """POST /internal/credits/use; a service answers for the membership of whom it serves."""
    service, functions = calling_service(request)
    use = await USE.read(request)
    guild_id = guild_of(use)
    arguments = arguments_of(request, use, app_of(use.app_id, service))
    if guild_id is None:
        return json_answer(await use_personal(functions, use.user_id, arguments))
    return json_answer(await use_guild(functions, guild_id, use.user_id, arguments))


async def refund_credits(request: Request) -> Response:
    """POST /internal/credits/refund."""
    service, functions = calling_service(request)
    refund = await REFUND.read(request)
    usage = refund.transaction_id
    movement = await functions.one(
        "credits.refund_credits",
        Movement,
        p_user_id=refund.user_id,
        p_amount=refund.amount,
        p_description=refund.description,
        p_app_id=refund.app_id or service.app_id,
        p_transaction_id=None if usage is None else uuid_of("transactionId", usage),
        p_idempotency_key=idempotency_key(request, refund.idempotency_key),
        p_metadata=given(refund.metadata),
    )
    return json_answer(
        RefundAnswer(
            transaction=movement.transaction(),
            new_balance=BalanceOnly(movement.balance),
            **repeated(movement.replayed),
        )
    )


async def grant_credits(request: Request) -> Response:
    """POST /internal/credits/grant."""
    _, functions = calling_service(request)
    body = await GRANT.read(request)
    grant = await functions.one(
        "credits.grant_credits",
        GrantedCredits,
        p_user_id=body.user_id,
        p_amount=body.amount,
        p_reason=body.reason,
        p_reference_id=body.reference_id,
        p_description=body.description,
        p_expires_at=body.expires_at,
        p_idempotency_key=idempotency_key(request, body.idempotency_key),
    )
    return json_answer(
        GrantAnswer(
            already_granted=grant.already_granted,
            new_balance=grant.new_balance,
            transaction_id=grant.transaction_id,
            **repeated(grant.already_granted),
        )
    )


async def init_balance(request: Request) -> Response:
    """POST /internal/credits/init."""
    _, functions = calling_service(request)
    body = await INIT.read(request)
    return json_answer(await functions.one("credits.init_balance", Account, p_user_id=body.user_id))


async def erase_user(request: Request) -> Response:
    """DELETE /internal/credits/balance/:userId; `email` is one more address besides those known.

    The pseudonym that takes the person's place is never told: nobody should be able to join it
    with the id again.
    """
    _, functions = calling_service(request)
    query = Query(request)
    email = query.text("email")
    query.check()
    erasure = await functions.one(
        "credits.erase_user", Erasure, p_user_id=path_id(request, "userId"), p_email=email
    )
    return json_answer(erasure, 202 if erasure.pending else 200)


async def redeem_pending_gifts(request: Request) -> Response:
    """POST /internal/gifts/redeem-pending."""
    _, functions = calling_service(request)
    body = await REDEEM_PENDING.read(request)
    redeemed = await functions.one(
        "gifts.redeem_pending_gifts",
        RedeemedPendingGifts,
        p_user_id=body.user_id,
        p_email=body.email,
    )
    return json_answer(
        PendingAnswer(
            redeemed.redeemed_count,
            redeemed.redeemed_count,
            redeemed.total_credits,
            redeemed.more or UNSET,
        )
    )


async def init_pool(request: Request) -> Response:
    """POST /internal/guild-pool/init."""
    _, functions = calling_service(request)
    body = await INIT_POOL.read(request)
    return json_answer(
        await functions.one("credits.init_guild_pool", Pool, p_organization_id=body.organization_id)
    )


OPERATIONS = [
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/use",
        handler=use_credits,
        name="useCreditsForUser",
        tag="Services: credits",
        summary="Use credits of a user, or of a guild on behalf of a member",
        description="A service answers for the membership of whom it serves.",
        caller=Caller.SERVICE,
        body=USE,
        keyed=True,
        answers={200: Answer("The debit's ledger row.", [PersonalUse, GuildUse])},
        calls=("credits.use_credits", "credits.use_guild_credits"),
    ),
    Operation(
        method="GET",
        path=PREFIX + "/internal/credits/balance/{userId}",
        handler=get_balance,
        name="getBalanceOfUser",
        tag="Services: credits",
        summary="The balance of a user",
        caller=Caller.SERVICE,
        query=[AT],
        answers={200: Answer("The balance, now or then.", [CountedBalance])},
    ),
    Operation(
        method="DELETE",
        path=PREFIX + "/internal/credits/balance/{userId}",
        handler=erase_user,
        name="eraseUser",
        tag="Services: people and guilds",
        summary="Erase a person",
        description="A pseudonym takes the place of their id, the balance is forfeited.",
        caller=Caller.SERVICE,
        query=[
            Parameter(
                "email",
                Text,
                "An address of theirs that is not known here: gifts made for it lose it too.",
            ),
        ],
        answers={
            200: Answer("What became of them.", [Erasure]),
            202: Answer(
                "They have very much: cut off, and erased in the background. What has been done"
                " so far; a repetition answers with the result.",
                [Erasure],
            ),
        },
        calls=("credits.erase_user",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/refund",
        handler=refund_credits,
        name="refundCredits",
        tag="Services: credits",
        summary="Give credits back to a user",
        description="With `transactionId` at most what is left of that usage, and to its source.",
        caller=Caller.SERVICE,
        body=REFUND,
        keyed=True,
        answers={200: Answer("The refund's ledger row.", [RefundAnswer])},
        calls=("credits.refund_credits",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/grant",
        handler=grant_credits,
        name="grantCredits",
        tag="Services: credits",
        summary="Grant credits to a user, once for each reference",
        description=(
            "The reference says which grant it is: repeated, it gets the first result, whatever"
            " else is named."
        ),
        caller=Caller.SERVICE,
        body=GRANT,
        keyed=True,
        answers={200: Answer("The grant, also an earlier one.", [GrantAnswer])},
        calls=("credits.grant_credits",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/init",
        handler=init_balance,
        name="initBalance",
        tag="Services: people and guilds",
        summary="Open the account of a user",
        caller=Caller.SERVICE,
        body=INIT,
        answers={200: Answer("The account, also one that was open.", [Account])},
        calls=("credits.init_balance",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/gifts/redeem-pending",
        handler=redeem_pending_gifts,
        name="redeemPendingGifts",
        tag="Services: people and guilds",
        summary="Redeem the gifts that wait for the address of a new user",
        description="The oldest 100 of them; `more` says that others are left: call again.",
        caller=Caller.SERVICE,
        body=REDEEM_PENDING,
        answers={200: Answer("What was received.", [PendingAnswer])},
        calls=("gifts.redeem_pending_gifts",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/guild-pool/init",
        handler=init_pool,
        name="initGuildPool",
        tag="Services: people and guilds",
        summary="Open the pool of a guild",
        caller=Caller.SERVICE,
        body=INIT_POOL,
        answers={200: Answer("The pool, also one that was open.", [Pool])},
        calls=("credits.init_guild_pool",),
    ),
]
