"""Routes for trusted services, which present a service key."""

from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.answers import (
    REPLAYED,
    BalanceOnly,
    Repeatable,
    Succeeded,
    Success,
    columns,
    json_answer,
)
from api.http.bodies import MOST_SERVICE_BYTES, Body, Given
from api.http.operations import Answer, Caller, Operation, for_services
from api.http.parameters import AT, Parameter
from api.routes.usage import GuildUse, PersonalUse, Use, use_credits


class ServiceUse(Use, kw_only=True):
    """A use on behalf of a user; without an app it is that of the X-App-Id header."""

    user_id: fields.Id
    app_id: fields.Id | None = None


class Refund(Given, kw_only=True):
    """Credits to give back to a user, and the usage that they are from, if it is known."""

    user_id: fields.Id
    amount: fields.Amount
    description: fields.Description
    app_id: fields.Id | None = None
    transaction_id: fields.UuidText | None = None
    idempotency_key: fields.Key | None = None
    metadata: fields.Metadata = fields.NO_METADATA


class Grant(Given, kw_only=True):
    """Credits to grant, once for each reference; with a date they expire."""

    user_id: fields.Id
    amount: fields.Amount
    reason: Annotated[fields.FreeText, fields.cut(255, minLength=1)]
    reference_id: Annotated[fields.Text, fields.told(minLength=1, maxLength=255)]
    description: fields.Description | None = None
    expires_at: fields.Moment | None = None
    idempotency_key: fields.Key | None = None


class Init(Given):
    """The user whose account is opened."""

    user_id: fields.Id


class RedeemPending(Given):
    """A user who has registered, and their address."""

    user_id: fields.Id
    email: fields.Text


class InitPool(Given):
    """The guild whose pool is opened."""

    organization_id: fields.Id


class RefundAnswer(Succeeded, kw_only=True):
    """A refund and the balance after it."""

    transaction: rows.Transaction
    new_balance: BalanceOnly


class GrantAnswer(Repeatable, kw_only=True):
    """A grant and the balance after it."""

    replayed: Annotated[bool, REPLAYED, columns("already_granted")] | UnsetType = UNSET
    ok: Success = True
    already_granted: bool
    new_balance: Decimal
    transaction_id: UUID


class PendingAnswer(msgspec.Struct, rename="camel"):
    """Gifts received, counted under two names, their credits, and whether more wait."""

    redeemed: Annotated[int, columns("redeemed_count")]
    redeemed_count: int
    total_credits: Decimal
    more: bool | UnsetType = UNSET


async def erase_user(call: Call[Any]) -> Response:
    """Erase a person.

    The pseudonym that takes the person's place is not told: nobody should join it with the id.
    """
    erasure = await call.one(rows.Erasure)
    return json_answer(erasure, 202 if erasure.pending else 200)


_of_people = partial(Operation, tag="Services: people and guilds", caller=Caller.SERVICE)

OPERATIONS = [
    for_services(
        "POST /internal/credits/use",
        "Use credits of a user, or of a guild on behalf of a member",
        name="useCreditsForUser",
        description="A service answers for the membership of whom it serves.",
        body=Body(ServiceUse, MOST_SERVICE_BYTES),
        handler=use_credits,
        answers={200: Answer("The debit's ledger row.", [PersonalUse, GuildUse])},
        calls=("credits.use_credits", "credits.use_guild_credits"),
    ),
    for_services(
        "GET /internal/credits/balance/{userId}",
        "The balance of a user",
        name="getBalanceOfUser",
        query=[AT],
        function="credits.get_balance",
        answers={200: Answer("The balance, now or then.", [rows.CountedBalance])},
    ),
    _of_people(
        "DELETE /internal/credits/balance/{userId}",
        description="A pseudonym takes the place of their id, the balance is forfeited.",
        query=[
            Parameter(
                "email",
                fields.Text,
                "An address of theirs that is not known here: gifts made for it lose it too.",
                "p_email",
            ),
        ],
        function="credits.erase_user",
        handler=erase_user,
        answers={
            200: Answer("What became of them.", [rows.Erasure]),
            202: Answer(
                "They have very much: cut off, and erased in the background. What has been done"
                " so far; a repetition answers with the result.",
                [rows.Erasure],
            ),
        },
    ),
    for_services(
        "POST /internal/credits/refund",
        "Give credits back to a user",
        description="With `transactionId` at most what is left of that usage, and to its source.",
        body=Body(Refund, MOST_SERVICE_BYTES),
        function="credits.refund_credits",
        answers={200: Answer("The refund's ledger row.", [RefundAnswer])},
    ),
    for_services(
        "POST /internal/credits/grant",
        "Grant credits to a user, once for each reference",
        description="The reference says which grant it is: repeated, it gets the first result,"
        " whatever else is named.",
        body=Body(Grant, MOST_SERVICE_BYTES),
        function="credits.grant_credits",
        answers={200: Answer("The grant, also an earlier one.", [GrantAnswer])},
    ),
    _of_people(
        "POST /internal/credits/init",
        "Open the account of a user",
        body=Body(Init),
        function="credits.init_balance",
        answers={200: Answer("The account, also one that was open.", [rows.Account])},
    ),
    _of_people(
        "POST /internal/gifts/redeem-pending",
        "Redeem the gifts that wait for the address of a new user",
        description="The oldest 100 of them; `more` says that others are left: call again.",
        body=Body(RedeemPending),
        function="gifts.redeem_pending_gifts",
        answers={200: Answer("What was received.", [PendingAnswer])},
    ),
    _of_people(
        "POST /internal/guild-pool/init",
        "Open the pool of a guild",
        body=Body(InitPool),
        function="credits.init_guild_pool",
        answers={200: Answer("The pool, also one that was open.", [rows.Pool])},
    ),
]
