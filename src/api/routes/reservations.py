"""Two-phase debits for trusted services: set credits aside, then use or free them."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.answers import Repeatable, json_answer, repeated
from api.bodies import MOST_SERVICE_BYTES, Body
from api.errors import invalid_request
from api.fields import (
    NO_METADATA,
    Amount,
    Count,
    Description,
    Id,
    Key,
    Metadata,
    Moment,
    UuidText,
    given,
    told,
)
from api.idempotency import idempotency_key
from api.metrics import count_debit
from api.operations import Answer, Caller, Operation
from api.parameters import parse_uuid
from api.routes.prefix import PREFIX
from api.rows import Commit, Release, Reservation
from api.services import calling_service

HoldSeconds = Annotated[Count, told(minimum=1, maximum=604800)]


class Reserve(msgspec.Struct, rename="camel", kw_only=True):
    """How much is set aside, of a user's own credits or of a guild's, and for how long."""

    user_id: Id
    amount: Amount
    reason: Description
    expires_in_seconds: HoldSeconds | None = None
    guild_id: Id | None = None
    app_id: Id | None = None
    idempotency_key: Key | None = None


class CommitReservation(msgspec.Struct, rename="camel", kw_only=True):
    """What is used; without an amount all that was set aside."""

    reservation_id: UuidText
    amount: Amount | None = None
    description: Description | None = None
    metadata: Metadata = NO_METADATA


class ReleaseReservation(msgspec.Struct, rename="camel", kw_only=True):
    """What is not used after all."""

    reservation_id: UuidText


class Reserved(Repeatable, kw_only=True):
    """A reservation, and what could be spent right after it."""

    reservation_id: UUID
    balance: Decimal
    expires_at: Moment


class Committed(Repeatable, kw_only=True):
    """The ledger row of what was used, how much that is and how much is free again."""

    success: bool = True
    transaction_id: UUID
    committed: Decimal
    released: Decimal


class Released(Repeatable, kw_only=True):
    """What could be spent right after."""

    success: bool = True
    balance: Decimal


RESERVE = Body(Reserve, MOST_SERVICE_BYTES)
COMMIT = Body(CommitReservation, MOST_SERVICE_BYTES)
RELEASE = Body(ReleaseReservation)


async def reserve(request: Request) -> Response:
    """POST /internal/credits/reserve; a service answers for the membership of whom it serves."""
    service, functions = calling_service(request)
    body = await RESERVE.read(request)
    reservation = await functions.one(
        "credits.reserve_credits",
        Reservation,
        p_user_id=body.user_id,
        p_amount=body.amount,
        p_reason=body.reason,
        p_expires_in_seconds=body.expires_in_seconds,
        p_guild_id=body.guild_id,
        p_app_id=body.app_id or service.app_id,
        p_idempotency_key=idempotency_key(request, body.idempotency_key),
    )
    return json_answer(
        Reserved(
            reservation_id=reservation.reservation_id,
            balance=reservation.balance,
            expires_at=reservation.expires_at,
            **repeated(reservation.replayed),
        )
    )


async def commit(request: Request) -> Response:
    """POST /internal/credits/commit."""
    _, functions = calling_service(request)
    body = await COMMIT.read(request)
    committed = await functions.one(
        "credits.commit_reservation",
        Commit,
        p_reservation_id=_uuid(body.reservation_id),
        p_amount=body.amount,
        p_description=body.description,
        p_metadata=given(body.metadata),
    )
    count_debit("reservation", committed.committed, replayed=committed.replayed)
    return json_answer(
        Committed(
            transaction_id=committed.transaction_id,
            committed=committed.committed,
            released=committed.released,
            **repeated(committed.replayed),
        )
    )


async def release(request: Request) -> Response:
    """POST /internal/credits/refund-reservation."""
    _, functions = calling_service(request)
    body = await RELEASE.read(request)
    released = await functions.one(
        "credits.release_reservation", Release, p_reservation_id=_uuid(body.reservation_id)
    )
    return json_answer(Released(balance=released.balance, **repeated(released.replayed)))


def _uuid(reservation_id: str) -> UUID:
    parsed = parse_uuid(reservation_id)
    if parsed is None:
        raise invalid_request({"reservationId": "must be a UUID"})
    return parsed


OPERATIONS = [
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/reserve",
        handler=reserve,
        name="reserveCredits",
        tag="Services: credits",
        summary="Set credits aside",
        description="It cannot be spent otherwise, and is free again after its time.",
        caller=Caller.SERVICE,
        body=RESERVE,
        keyed=True,
        answers={200: Answer("The reservation.", [Reserved])},
        refusals=(
            "guild_pool_not_found",
            "idempotency_key_reused",
            "cap_exceeded",
            "insufficient_credits",
            "spending_limit_exceeded",
        ),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/commit",
        handler=commit,
        name="commitReservation",
        tag="Services: credits",
        summary="Use what was set aside",
        description="An amount below it frees the rest. A retry gets the first result.",
        caller=Caller.SERVICE,
        body=COMMIT,
        answers={200: Answer("What was used and what is free again.", [Committed])},
        refusals=(
            "reservation_not_found",
            "reservation_already_released",
            "reservation_already_committed",
            "reservation_expired",
            "cap_exceeded",
            "amount_exceeds_reserved",
        ),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/refund-reservation",
        handler=release,
        name="releaseReservation",
        tag="Services: credits",
        summary="Free what was set aside",
        description="A retry gets the first result; a reservation past its time is free already.",
        caller=Caller.SERVICE,
        body=RELEASE,
        answers={200: Answer("What can be spent now.", [Released])},
        refusals=("reservation_not_found", "reservation_already_committed", "cap_exceeded"),
    ),
]
