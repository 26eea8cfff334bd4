"""What the reference tells of errors: what each code means, and the types of its details."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.http.fields import Lines, Moment, told

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"

# By code: a sentence, from the tables of the page.
MEANINGS: Final[Mapping[str, str]] = dict(
    re.findall(r"^\|.* `(\w+)` \| \d{3} \| (.+?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
)

SomeId = Annotated[str, Meta(examples=["019c12e8-4c00-7000-8000-000000000001"])]


class _Details(msgspec.Struct, rename="camel"):
    """Details of an error."""


class Shortage(_Details):
    """The amount that was needed, and the one that there is; of a debt the cap that bounds it."""

    required: Decimal
    available: Decimal
    cap: Annotated[str | UnsetType, told(enum=["max_overrun"])] = UNSET
    limit: Decimal | UnsetType = UNSET


class LimitReached(_Details):
    """The tightest limit: whose it is, for a day, a week or a month, and when the next begins."""

    scope: Annotated[str, told(enum=["own", "app", "member", "default"])]
    window: Annotated[str, told(enum=["daily", "weekly", "monthly"])]
    limit: Decimal
    spent: Decimal
    requested: Decimal
    resets_at: Moment


class EndedReservation(_Details):
    """The reservation, and how it ended."""

    reservation_id: SomeId
    status: Annotated[str, Meta(examples=["released"])]


class FullBalance(_Details):
    """The balance, and the amount that would have been added."""

    balance: Decimal
    amount: Decimal


class OverRefund(_Details):
    """The amount asked back, and the one that is left to refund."""

    requested: Decimal
    refundable: Decimal


class OverReserved(_Details):
    """The amount to be used, and the one that was set aside."""

    requested: Decimal
    reserved: Decimal


class ChangedPrice(_Details):
    """The expected charge, and the present one."""

    expected: Decimal
    amount: Decimal
    lines: Lines | UnsetType = UNSET


class CapReached(_Details):
    """The cap of the calling service that is reached, with its figures."""

    cap: Annotated[str, Meta(examples=["max_amount"])]
    operation: str | UnsetType = UNSET
    app_id: str | UnsetType | None = UNSET
    allowed: list[str] | UnsetType = UNSET
    limit: Decimal | UnsetType = UNSET
    spent: Decimal | UnsetType = UNSET
    requested: Decimal | UnsetType = UNSET
    resets_at: Moment | UnsetType = UNSET


class LostConsumer(_Details):
    """The consumer of events that was too slow, and since when."""

    consumer: Annotated[str, Meta(examples=["mailer"])]
    lost_at: Moment


def _details(name: str, told: str, **fields: Any) -> type[msgspec.Struct]:
    """Return the type of details that are a single field."""
    doc = {"__doc__": told}
    return msgspec.defstruct(name, list(fields.items()), rename="camel", namespace=doc)


SizeLimit = _details(
    "SizeLimit", "The most bytes that a body, or the head of a request, may have.", max_bytes=int
)

BY_NAME = dict[str, str]

DETAILS: Final[Mapping[str, Any]] = {
    "invalid_request": BY_NAME,
    "insufficient_credits": Shortage,
    "spending_limit_exceeded": LimitReached,
    "idempotency_key_reused": _details(
        "ReusedKey", "The key that was used for something else.", idempotency_key=str
    ),
    "guild_pool_not_found": _details(
        "UnknownPool", "The guild that has no pool.", organization_id=str
    ),
    "package_not_found": _details(
        "UnknownPackage", "The package that is not sold.", package_id=str
    ),
    "purchase_not_found": _details(
        "UnknownPurchase", "The purchase that the caller has not made.", purchase_id=SomeId
    ),
    "balance_too_large": FullBalance,
    "transaction_not_found": _details(
        "UnknownTransaction", "The usage that the user has not made.", transaction_id=SomeId
    ),
    "amount_exceeds_refundable": OverRefund,
    "reservation_not_found": _details(
        "UnknownReservation", "The reservation that there is not.", reservation_id=SomeId
    ),
    "reservation_already_released": EndedReservation,
    "reservation_already_committed": EndedReservation,
    "reservation_expired": EndedReservation,
    "amount_exceeds_reservation": OverReserved,
    "cap_exceeded": CapReached,
    "too_many_attempts": _details(
        "Throttled", "After how many seconds another try makes sense.", retry_after_seconds=int
    ),
    "event_consumer_not_found": _details(
        "EventConsumer",
        "The consumer of events that there is not.",
        consumer=Annotated[str, Meta(examples=["mailer"])],
    ),
    "event_consumer_lost": LostConsumer,
    "unknown_operation": _details(
        "UnknownOperation", "The operation without a price.", operation=str
    ),
    "price_changed": ChangedPrice,
    "gift_not_active": _details(
        "GiftEnded",
        "The state that the gift is in.",
        status=Annotated[str, Meta(examples=["depleted"])],
    ),
    "not_found": BY_NAME,
    "request_header_fields_too_large": SizeLimit,
    "body_too_large": SizeLimit,
    "database_unavailable": BY_NAME,
}
