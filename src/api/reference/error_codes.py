"""Every code that an error can have: its status, what it means, and its details."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from api.database.refusals import REFUSALS
from api.database.rows import Lines
from api.http.fields import Moment, told


class _Details(msgspec.Struct, rename="camel"):
    """Details of an error."""


class Shortage(_Details):
    """How much was needed and how much there is."""

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

    purchase_id: str


class UnknownTransaction(_Details):
    """The usage that the user has not made."""

    transaction_id: str


class UnknownReservation(_Details):
    """The reservation that there is not."""

    reservation_id: str


class EndedReservation(_Details):
    """The reservation, and how it ended."""

    reservation_id: str
    status: str


class FullBalance(_Details):
    """What is there and what would have been added."""

    balance: Decimal
    amount: Decimal


class OverRefund(_Details):
    """What was asked back and what is left to refund."""

    requested: Decimal
    refundable: Decimal


class OverReserved(_Details):
    """What was to be used and what was set aside."""

    requested: Decimal
    reserved: Decimal


class UnknownOperation(_Details):
    """The operation without a price."""

    operation: str


class ChangedPrice(_Details):
    """What was expected, and what it costs now."""

    expected: Decimal
    amount: Decimal
    lines: Lines | UnsetType = UNSET


class CapReached(_Details):
    """Which cap of the calling service is reached, with its figures."""

    cap: str
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

    consumer: str


class LostConsumer(_Details):
    """The consumer of events that was too slow, and since when."""

    consumer: str
    lost_at: Moment


class GiftEnded(_Details):
    """What has become of the gift."""

    status: str


class SizeLimit(_Details):
    """How large a body, or the head of a request, may be."""

    max_bytes: int


class ErrorCode(NamedTuple):
    """What is told of a code.

    Attributes:
        status: HTTP status that it always comes with.
        meaning: A sentence for the reference.
        details: Type of its details; None if it has none.
        always_detailed: Whether the details are always there.
    """

    status: int
    meaning: str
    details: Any = None
    always_detailed: bool = True


_STATUS_OF = {code: status for status, code in REFUSALS.values()}
_BY_NAME = dict[str, str]

# What the database refuses; the statuses are those of `api.database.refusals`.
_REFUSALS: Final[Mapping[str, tuple[Any, ...]]] = {
    "invalid_request": (
        "Malformed; `details` names each wrong field with its problem.",
        _BY_NAME,
        False,
    ),
    "insufficient_credits": ("There are not enough credits.", Shortage),
    "spending_limit_exceeded": (
        "A limit for the day, the week or the month is reached.",
        LimitReached,
    ),
    "idempotency_key_reused": ("The key was used for other parameters.", ReusedKey),
    "guild_pool_not_found": ("The guild has no pool yet.", UnknownPool),
    "package_not_found": ("There is no such package on sale.", UnknownPackage),
    "purchase_not_found": ("The caller has made no such purchase.", UnknownPurchase),
    "balance_too_large": ("The balance would exceed 12 digits.", FullBalance),
    "transaction_not_found": ("The user has made no such usage.", UnknownTransaction),
    "amount_exceeds_refundable": ("More than what is left of the usage to refund.", OverRefund),
    "reservation_not_found": ("There is no such reservation.", UnknownReservation),
    "reservation_already_released": ("The reservation was released.", EndedReservation),
    "reservation_already_committed": ("The reservation was committed.", EndedReservation),
    "reservation_expired": (
        "The reservation ran out of time, and its person was erased since.",
        EndedReservation,
    ),
    "amount_exceeds_reservation": ("More than what is set aside.", OverReserved),
    "cap_exceeded": ("The calling service may not do that, or not as much of it.", CapReached),
    "too_many_attempts": ("Too many attempts: wait as `Retry-After` says.", Throttled),
    "event_consumer_not_found": ("There is no such consumer.", EventConsumer),
    "event_consumer_lost": ("Events were removed before the consumer read them.", LostConsumer),
    "unknown_operation": ("There is no price for it, or it was withdrawn.", UnknownOperation),
    "price_changed": ("It costs something else than was expected.", ChangedPrice),
    "account_frozen": ("Nothing goes out of the account, until support lifts that.",),
    "gift_not_found": ("There is no gift with this code or id.",),
    "gift_not_active": ("The gift is used up, cancelled or paid back.", GiftEnded),
    "gift_expired": ("The gift has expired.",),
    "gift_already_claimed": ("The caller has had a portion of this gift.",),
    "riddle_answer_required": ("The gift asks a riddle.",),
    "wrong_riddle_answer": ("The answer to the riddle is wrong.",),
    "gift_for_someone_else": ("The gift is for someone else.",),
}

ERROR_CODES: Final[Mapping[str, ErrorCode]] = {
    **{code: ErrorCode(_STATUS_OF[code], *told) for code, told in _REFUSALS.items()},
    "unauthenticated": ErrorCode(401, "No token or key, or one that is not valid."),
    "not_a_guild_member": ErrorCode(403, "The caller is not in the guild."),
    "guild_role_required": ErrorCode(403, "Only owners and admins of the guild may do that."),
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
