"""Two-phase debits for trusted services: set credits aside, for longer, then use or free them."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.database.rows import (
    Capture,
    Charge,
    Commit,
    Extension,
    Release,
    Reservation,
    ReservationState,
)
from api.http.answers import Repeatable, json_answer, repeated
from api.http.bodies import MOST_SERVICE_BYTES, Body
from api.http.fields import (
    NO_METADATA,
    Amount,
    Count,
    Description,
    Id,
    Items,
    Key,
    Limit,
    Metadata,
    Moment,
    Text,
    UuidText,
    given,
    text_of,
    told,
    within,
)
from api.http.idempotency import idempotency_key
from api.http.operations import Answer, Caller, Operation
from api.http.parameters import path_uuid, uuid_of
from api.observability.metrics import count_debit
from api.routes.prefix import PREFIX
from api.services import calling_service

_LONGEST_HOLD_SECONDS = 2_592_000

HoldSeconds = Annotated[Count, within(1, _LONGEST_HOLD_SECONDS)]
FirstHoldSeconds = Annotated[
    Count, within(1, _LONGEST_HOLD_SECONDS, "; by default a day, or the caller's own")
]


class Reserve(msgspec.Struct, rename="camel", kw_only=True):
    """Credits to set aside, of a user's own or of a guild's, and for how long.

    An amount, or items, whose prices of this moment hold until the end of the reservation.
    """

    user_id: Id
    amount: Amount | None = None
    items: Items | None = None
    expected_amount: Limit | None = None
    reason: Description
    expires_in_seconds: FirstHoldSeconds | None = None
    guild_id: Id | None = None
    app_id: Id | None = None
    idempotency_key: Key | None = None


class ExtendReservation(msgspec.Struct, rename="camel", kw_only=True):
    """The seconds that a reservation is to last from now on."""

    reservation_id: UuidText
    expires_in_seconds: HoldSeconds


class CommitReservation(msgspec.Struct, rename="camel", kw_only=True):
    """The use of a reservation, an amount or items; without either all that is set aside.

    `overrun` decides about more than that: `refuse`; `available`, which takes what is there and
    leaves the rest uncollected; or `debt`, as far as the caps of the service allow.
    """

    reservation_id: UuidText
    amount: Amount | None = None
    items: Items | None = None
    expected_amount: Limit | None = None
    overrun: Annotated[Text, told(enum=["refuse", "available", "debt"])] = "refuse"
    description: Description | None = None
    metadata: Metadata = NO_METADATA


class CaptureReservation(msgspec.Struct, rename="camel", kw_only=True):
    """A part that is used, an amount or items; the rest stays set aside."""

    reservation_id: UuidText
    amount: Amount | None = None
    items: Items | None = None
    expected_amount: Limit | None = None
    description: Description | None = None
    metadata: Metadata = NO_METADATA
    idempotency_key: Key | None = None


class ReleaseReservation(msgspec.Struct, rename="camel", kw_only=True):
    """A reservation to free."""

    reservation_id: UuidText


class Reserved(Repeatable, kw_only=True):
    """A reservation, and what could be spent right after it; none of what costs nothing."""

    reservation_id: UUID | None
    balance: Decimal
    expires_at: Moment | None
    charge: Charge | UnsetType = UNSET


class Extended(msgspec.Struct, rename="camel", kw_only=True):
    """A reservation, and when it ends now."""

    reservation_id: UUID
    expires_at: Moment


class Committed(Repeatable, kw_only=True):
    """The ledger row of what was used, how much that is and how much of it is free.

    `late` says that the time was over, and that it was taken from what was there then;
    `uncollected` what was asked for beyond that and not there.
    """

    success: bool = True
    transaction_id: UUID | None
    committed: Decimal
    released: Decimal
    late: bool | UnsetType = UNSET
    uncollected: Decimal | UnsetType = UNSET
    charge: Charge | UnsetType = UNSET


class Captured(Repeatable, kw_only=True):
    """The ledger row of what was used, how much that is, and what is still set aside."""

    success: bool = True
    transaction_id: UUID | None
    captured: Decimal
    remaining: Decimal
    balance: Decimal
    late: bool | UnsetType = UNSET
    charge: Charge | UnsetType = UNSET


class Released(Repeatable, kw_only=True):
    """The balance right after."""

    success: bool = True
    balance: Decimal


RESERVE = Body(Reserve, MOST_SERVICE_BYTES)
EXTEND = Body(ExtendReservation)
CAPTURE = Body(CaptureReservation, MOST_SERVICE_BYTES)
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
        p_items=text_of(body.items),
        p_expected_amount=body.expected_amount,
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
            charge=reservation.charge or UNSET,
            **repeated(reservation.replayed),
        )
    )


async def extend(request: Request) -> Response:
    """POST /internal/credits/extend."""
    _, functions = calling_service(request)
    body = await EXTEND.read(request)
    extension = await functions.one(
        "credits.extend_reservation",
        Extension,
        p_reservation_id=uuid_of("reservationId", body.reservation_id),
        p_expires_in_seconds=body.expires_in_seconds,
    )
    return json_answer(
        Extended(reservation_id=extension.reservation_id, expires_at=extension.expires_at)
    )


async def commit(request: Request) -> Response:
    """POST /internal/credits/commit."""
    _, functions = calling_service(request)
    body = await COMMIT.read(request)
    committed = await functions.one(
        "credits.commit_reservation",
        Commit,
        p_reservation_id=uuid_of("reservationId", body.reservation_id),
        p_amount=body.amount,
        p_items=text_of(body.items),
        p_expected_amount=body.expected_amount,
        p_overrun=body.overrun,
        p_description=body.description,
        p_metadata=given(body.metadata),
    )
    count_debit("reservation", committed.committed, replayed=committed.replayed)
    return json_answer(
        Committed(
            transaction_id=committed.transaction_id,
            committed=committed.committed,
            released=committed.released,
            late=committed.late or UNSET,
            uncollected=committed.uncollected or UNSET,
            charge=committed.charge or UNSET,
            **repeated(committed.replayed),
        )
    )


async def capture(request: Request) -> Response:
    """POST /internal/credits/capture."""
    _, functions = calling_service(request)
    body = await CAPTURE.read(request)
    captured = await functions.one(
        "credits.capture_reservation",
        Capture,
        p_reservation_id=uuid_of("reservationId", body.reservation_id),
        p_amount=body.amount,
        p_items=text_of(body.items),
        p_expected_amount=body.expected_amount,
        p_description=body.description,
        p_metadata=given(body.metadata),
        p_idempotency_key=idempotency_key(request, body.idempotency_key),
    )
    count_debit("reservation", captured.captured, replayed=captured.replayed)
    return json_answer(
        Captured(
            transaction_id=captured.transaction_id,
            captured=captured.captured,
            remaining=captured.remaining,
            balance=captured.balance,
            late=captured.late or UNSET,
            charge=captured.charge or UNSET,
            **repeated(captured.replayed),
        )
    )


async def get_reservation(request: Request) -> Response:
    """GET /internal/credits/reservation/:id."""
    _, functions = calling_service(request)
    return json_answer(
        await functions.one(
            "credits.get_reservation",
            ReservationState,
            p_reservation_id=path_uuid(request, "id"),
        )
    )


async def release(request: Request) -> Response:
    """POST /internal/credits/refund-reservation."""
    _, functions = calling_service(request)
    body = await RELEASE.read(request)
    released = await functions.one(
        "credits.release_reservation",
        Release,
        p_reservation_id=uuid_of("reservationId", body.reservation_id),
    )
    return json_answer(Released(balance=released.balance, **repeated(released.replayed)))


OPERATIONS = [
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/reserve",
        handler=reserve,
        name="reserveCredits",
        tag="Services: credits",
        summary="Set credits aside",
        description=(
            "It cannot be spent otherwise, and is free again after its time: 24 hours unless"
            " named, or as the caps of the service say, 30 days at most."
        ),
        caller=Caller.SERVICE,
        body=RESERVE,
        keyed=True,
        answers={200: Answer("The reservation.", [Reserved])},
        calls=("credits.reserve_credits",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/extend",
        handler=extend,
        name="extendReservation",
        tag="Services: credits",
        summary="Let a reservation last from now on",
        description=(
            "Longer or shorter than it had left. One past its time is held again, if its credits"
            " are there."
        ),
        caller=Caller.SERVICE,
        body=EXTEND,
        answers={200: Answer("When it ends now.", [Extended])},
        calls=("credits.extend_reservation",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/commit",
        handler=commit,
        name="commitReservation",
        tag="Services: credits",
        summary="Use what was set aside",
        description=(
            "An amount below it frees the rest; items have the prices of the moment at which it was"
            " set aside. Past its time it is used from what is there then, which the answer calls"
            " late. A retry gets the first result."
        ),
        caller=Caller.SERVICE,
        body=COMMIT,
        answers={200: Answer("What was used and what is free again.", [Committed])},
        calls=("credits.commit_reservation",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/capture",
        handler=capture,
        name="captureReservation",
        tag="Services: credits",
        summary="Use a part of what is set aside",
        description=(
            "The rest stays set aside, until it is captured, committed or released: a budget for a"
            " run of many calls. The idempotency key says which part is meant."
        ),
        caller=Caller.SERVICE,
        body=CAPTURE,
        keyed=True,
        answers={200: Answer("What was used and what is still set aside.", [Captured])},
        calls=("credits.capture_reservation",),
    ),
    Operation(
        method="GET",
        path=PREFIX + "/internal/credits/reservation/{id}",
        handler=get_reservation,
        name="getReservation",
        tag="Services: credits",
        summary="How a reservation stands",
        caller=Caller.SERVICE,
        answers={200: Answer("The reservation.", [ReservationState])},
        calls=("credits.get_reservation",),
    ),
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/refund-reservation",
        handler=release,
        name="releaseReservation",
        tag="Services: credits",
        summary="Free what was set aside",
        description=(
            "A retry gets the first result. A reservation past its time is free already; it cannot"
            " be used late any more."
        ),
        caller=Caller.SERVICE,
        body=RELEASE,
        answers={200: Answer("What can be spent now.", [Released])},
        calls=("credits.release_reservation",),
    ),
]
