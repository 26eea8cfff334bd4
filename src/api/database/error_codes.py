"""Every code that an error can have: its status, its SQLSTATEs, what it means, its details."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.database.rows import Lines
from api.http.fields import Moment, told

SomeId = Annotated[str, Meta(examples=["019c12e8-4c00-7000-8000-000000000001"])]


class _Details(msgspec.Struct, rename="camel"):
    """Details of an error."""


class Shortage(_Details):
    """The amount that was needed, and the one that there is."""

    required: Decimal
    available: Decimal


class LimitReached(_Details):
    """The tightest limit: whose it is, for a day, a week or a month, and when the next begins."""

    scope: Annotated[str, told(enum=["own", "app", "member", "default"])]
    window: Annotated[str, told(enum=["daily", "weekly", "monthly"])]
    limit: Decimal
    spent: Decimal
    requested: Decimal
    resets_at: Moment


class ReusedKey(_Details):
    """The key that was used for something else."""

    idempotency_key: str


class UnknownPool(_Details):
    """The guild that has no pool."""

    organization_id: str


class UnknownPackage(_Details):
    """The package that is not sold."""

    package_id: str


class UnknownPurchase(_Details):
    """The purchase that the caller has not made."""

    purchase_id: SomeId


class UnknownTransaction(_Details):
    """The usage that the user has not made."""

    transaction_id: SomeId


class UnknownReservation(_Details):
    """The reservation that there is not."""

    reservation_id: SomeId


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


class UnknownOperation(_Details):
    """The operation without a price."""

    operation: str


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


class Throttled(_Details):
    """After how many seconds another try makes sense."""

    retry_after_seconds: int


class EventConsumer(_Details):
    """The consumer of events that there is not."""

    consumer: Annotated[str, Meta(examples=["mailer"])]


class LostConsumer(_Details):
    """The consumer of events that was too slow, and since when."""

    consumer: Annotated[str, Meta(examples=["mailer"])]
    lost_at: Moment


class GiftEnded(_Details):
    """The state that the gift is in."""

    status: Annotated[str, Meta(examples=["depleted"])]


class SizeLimit(_Details):
    """The most bytes that a body, or the head of a request, may have."""

    max_bytes: int


class ErrorCode(NamedTuple):
    """A code.

    Attributes:
        status: HTTP status that it always comes with.
        meaning: A sentence for the reference.
        details: Type of its details; None if it has none.
        always_detailed: True if the details are always there.
        states: SQLSTATEs of our functions that mean it. UG003, UG004, UG006 and UG007 are not
            raised, so that the attempt is kept: a redemption returns them as its status.
    """

    status: int
    meaning: str
    details: Any = None
    always_detailed: bool = True
    states: Sequence[str] = ()


_BY_NAME = dict[str, str]

ERROR_CODES: Final[Mapping[str, ErrorCode]] = {
    "invalid_request": ErrorCode(
        400,
        "Malformed; `details` names each wrong field with its problem.",
        _BY_NAME,
        states=("UC001",),
        always_detailed=False,
    ),
    "insufficient_credits": ErrorCode(
        402, "There are not enough credits.", Shortage, states=("UC002",)
    ),
    "spending_limit_exceeded": ErrorCode(
        400,
        "A limit for the day, the week or the month is reached.",
        LimitReached,
        states=("UC003",),
    ),
    "idempotency_key_reused": ErrorCode(
        409, "The key was used for other parameters.", ReusedKey, states=("UC004",)
    ),
    "guild_pool_not_found": ErrorCode(
        404, "The guild has no pool yet.", UnknownPool, states=("UC005",)
    ),
    "package_not_found": ErrorCode(
        404, "There is no such package on sale.", UnknownPackage, states=("UC006",)
    ),
    "purchase_not_found": ErrorCode(
        404, "The caller has made no such purchase.", UnknownPurchase, states=("UC007",)
    ),
    "balance_too_large": ErrorCode(
        400, "The balance would exceed 12 digits.", FullBalance, states=("UC008",)
    ),
    "transaction_not_found": ErrorCode(
        404, "The user has made no such usage.", UnknownTransaction, states=("UC009",)
    ),
    "amount_exceeds_refundable": ErrorCode(
        400, "More than what is left of the usage to refund.", OverRefund, states=("UC010",)
    ),
    "reservation_not_found": ErrorCode(
        404, "There is no such reservation.", UnknownReservation, states=("UC011",)
    ),
    "reservation_already_released": ErrorCode(
        409, "The reservation was released.", EndedReservation, states=("UC012",)
    ),
    "reservation_already_committed": ErrorCode(
        409, "The reservation was committed.", EndedReservation, states=("UC013",)
    ),
    "reservation_expired": ErrorCode(
        409,
        "The reservation ran out of time, and its person was erased since.",
        EndedReservation,
        states=("UC014",),
    ),
    "amount_exceeds_reservation": ErrorCode(
        400, "More than what is set aside.", OverReserved, states=("UC015",)
    ),
    "cap_exceeded": ErrorCode(
        403,
        "The calling service may not do that, or not as much of it.",
        CapReached,
        states=("UC016",),
    ),
    "too_many_attempts": ErrorCode(
        429, "Too many attempts: wait as `Retry-After` says.", Throttled, states=("UC018", "UG008")
    ),
    "event_consumer_not_found": ErrorCode(
        404, "There is no such consumer.", EventConsumer, states=("UC019",)
    ),
    "event_consumer_lost": ErrorCode(
        409, "Events were removed before the consumer read them.", LostConsumer, states=("UC020",)
    ),
    "unknown_operation": ErrorCode(
        404, "There is no price for it, or it was withdrawn.", UnknownOperation, states=("UC021",)
    ),
    "price_changed": ErrorCode(
        409, "It costs something else than was expected.", ChangedPrice, states=("UC022",)
    ),
    "account_frozen": ErrorCode(
        403, "Nothing goes out of the account, until support lifts that.", states=("UC023",)
    ),
    "own_account": ErrorCode(
        403, "Nobody in support acts on their own account.", states=("UC024",)
    ),
    "gift_not_found": ErrorCode(404, "There is no gift with this code or id.", states=("UG001",)),
    "gift_not_active": ErrorCode(
        400, "The gift is used up, cancelled or paid back.", GiftEnded, states=("UG002",)
    ),
    "gift_expired": ErrorCode(400, "The gift has expired.", states=("UG003",)),
    "gift_already_claimed": ErrorCode(
        400, "The caller has had a portion of this gift.", states=("UG004",)
    ),
    "riddle_answer_required": ErrorCode(400, "The gift asks a riddle.", states=("UG005",)),
    "wrong_riddle_answer": ErrorCode(400, "The answer to the riddle is wrong.", states=("UG006",)),
    "gift_for_someone_else": ErrorCode(403, "The gift is for someone else.", states=("UG007",)),
    "unauthenticated": ErrorCode(401, "No token or key, or one that is not valid."),
    "not_a_guild_member": ErrorCode(403, "The caller is not in the guild."),
    "guild_role_required": ErrorCode(403, "Only owners and admins of the guild may do that."),
    "admin_required": ErrorCode(403, "The token names no role `admin`."),
    "not_found": ErrorCode(404, "There is no such route."),
    "method_not_allowed": ErrorCode(405, "The route has other methods: see `Allow`."),
    "request_timeout": ErrorCode(408, "The request did not come in within 10 seconds."),
    "request_header_fields_too_large": ErrorCode(431, "The head is too large.", SizeLimit),
    "body_too_large": ErrorCode(413, "The body is too large.", SizeLimit),
    "internal_error": ErrorCode(500, "A mistake of ours; the log has it under `X-Request-Id`."),
    "auth_unavailable": ErrorCode(
        503, "Tokens or memberships cannot be checked now.", _BY_NAME, always_detailed=False
    ),
    "payments_unavailable": ErrorCode(503, "Stripe cannot be asked now, or is not set up."),
    "overloaded": ErrorCode(503, "The service is busy; nothing has happened."),
    "database_unavailable": ErrorCode(
        503, "The database is away; repeat with the same key.", _BY_NAME, always_detailed=False
    ),
    "timeout": ErrorCode(504, "It took too long; repeat with the same key."),
}
