"""Two-phase debits for trusted services: set credits aside, for longer, then use or free them."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from api.database import rows
from api.http import fields
from api.http.answers import Debit, Repeatable, Succeeded
from api.http.bodies import MOST_SERVICE_BYTES, Body, Given
from api.http.operations import Answer, for_services

_LONGEST_HOLD_SECONDS = 2_592_000

Overrun = Annotated[fields.Text, fields.told(enum=["refuse", "available", "debt"])]
HoldSeconds = Annotated[fields.Count, fields.within(1, _LONGEST_HOLD_SECONDS)]
FirstHoldSeconds = Annotated[
    fields.Count, fields.within(1, _LONGEST_HOLD_SECONDS, "; by default a day, or the caller's own")
]


class Reserve(Given, kw_only=True):
    """Credits to set aside, of a user's own or of a guild's, and for how long.

    An amount, or items, whose prices of this moment hold until the end of the reservation.
    """

    user_id: fields.Id
    amount: fields.Amount | None = None
    items: fields.Items | None = None
    expected_amount: fields.Limit | None = None
    reason: fields.Description
    expires_in_seconds: FirstHoldSeconds | None = None
    guild_id: fields.Id | None = None
    app_id: fields.Id | None = None
    idempotency_key: fields.Key | None = None


class ExtendReservation(Given, kw_only=True):
    """The seconds that a reservation is to last from now on."""

    reservation_id: fields.UuidText
    expires_in_seconds: HoldSeconds


class CommitReservation(Given, kw_only=True):
    """The use of a reservation, an amount or items; without either all that is set aside.

    `overrun` decides about more than that. `refuse` refuses it, `available` takes what is there and
    leaves the rest uncollected, `debt` takes it as far as the caps of the service allow.
    """

    reservation_id: fields.UuidText
    amount: fields.Amount | None = None
    items: fields.Items | None = None
    expected_amount: fields.Limit | None = None
    overrun: Overrun | None = "refuse"
    description: fields.Description | None = None
    metadata: fields.Metadata = fields.NO_METADATA


class CaptureReservation(Given, kw_only=True):
    """A part that is used, an amount or items; the rest stays set aside."""

    reservation_id: fields.UuidText
    amount: fields.Amount | None = None
    items: fields.Items | None = None
    expected_amount: fields.Limit | None = None
    description: fields.Description | None = None
    metadata: fields.Metadata = fields.NO_METADATA
    idempotency_key: fields.Key | None = None


class ReleaseReservation(Given, kw_only=True):
    """A reservation to free."""

    reservation_id: fields.UuidText


class Reserved(Repeatable, kw_only=True):
    """A reservation, and what could be spent right after it; none of what costs nothing."""

    reservation_id: UUID | None
    balance: Decimal
    expires_at: fields.Moment | None
    charge: rows.Charge | UnsetType = UNSET


class Extended(msgspec.Struct, rename="camel", kw_only=True):
    """A reservation, and when it ends now."""

    reservation_id: UUID
    expires_at: fields.Moment


class Committed(Debit, kw_only=True):
    """The ledger row of what was used, how much that is, and what was set aside and is free now.

    `late` says that the time was over, and that it was taken from what was there then. What was
    set aside was free before, so `released` is 0.
    `uncollected` is what was asked for beyond that and not there.
    """

    transaction_id: UUID | None
    committed: Decimal
    released: Decimal
    late: bool | UnsetType = UNSET
    uncollected: Decimal | UnsetType = UNSET
    charge: rows.Charge | UnsetType = UNSET

    def debited(self) -> tuple[str, Decimal]:
        """Return the kind of the debit and the credits that it took."""
        return "reservation", self.committed


class Captured(Debit, kw_only=True):
    """The ledger row of what was used, how much that is, and what can still be captured of it."""

    transaction_id: UUID | None
    captured: Decimal
    remaining: Decimal
    balance: Decimal
    late: bool | UnsetType = UNSET
    charge: rows.Charge | UnsetType = UNSET

    def debited(self) -> tuple[str, Decimal]:
        """Return the kind of the debit and the credits that it took."""
        return "reservation", self.captured


class Released(Succeeded, kw_only=True):
    """The balance right after."""

    balance: Decimal


OPERATIONS = [
    for_services(
        "POST /internal/credits/reserve",
        "Set credits aside",
        description="It cannot be spent otherwise, and is free again after its time: 24 hours"
        " unless named, or as the caps of the service say, 30 days at most.",
        body=Body(Reserve, MOST_SERVICE_BYTES),
        function="credits.reserve_credits",
        answers={200: Answer("The reservation.", [Reserved])},
    ),
    for_services(
        "POST /internal/credits/extend",
        "Let a reservation last from now on",
        description="Longer or shorter than it had left. One past its time is held again, if its"
        " credits are there.",
        body=Body(ExtendReservation),
        function="credits.extend_reservation",
        answers={200: Answer("When it ends now.", [Extended])},
    ),
    for_services(
        "POST /internal/credits/commit",
        "Use what was set aside",
        description="An amount below it frees the rest; items have the prices of the moment at"
        " which it was set aside. Past its time it is used from what is there then, which the"
        " answer calls late. A retry gets the first result.",
        body=Body(CommitReservation, MOST_SERVICE_BYTES),
        function="credits.commit_reservation",
        answers={200: Answer("What was used and what is free again.", [Committed])},
    ),
    for_services(
        "POST /internal/credits/capture",
        "Use a part of what is set aside",
        description="The rest stays set aside, until it is captured, committed or released: a"
        " budget for a run of many calls. The idempotency key says which part is meant.",
        body=Body(CaptureReservation, MOST_SERVICE_BYTES),
        function="credits.capture_reservation",
        answers={200: Answer("What was used and what is still set aside.", [Captured])},
    ),
    for_services(
        "GET /internal/credits/reservation/{id}",
        "How a reservation stands",
        description=(
            "`remaining` is what captures and the commit can still take. While the reservation is"
            " `held` it is set aside; once it has `expired` it is taken from what is there then."
        ),
        function="credits.get_reservation",
        id_as="p_reservation_id",
        answers={200: Answer("The reservation.", [rows.ReservationState])},
    ),
    for_services(
        "POST /internal/credits/refund-reservation",
        "Free what was set aside",
        description="A retry gets the first result. A reservation past its time is free already; it"
        " cannot be used late any more.",
        body=Body(ReleaseReservation),
        function="credits.release_reservation",
        answers={200: Answer("What can be spent now.", [Released])},
    ),
]
