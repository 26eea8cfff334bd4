"""Every code that an error can have: its status, what it means, its SQLSTATEs, its details."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.http.fields import Lines, Moment, told

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


ReusedKey = _details("ReusedKey", "The key that was used for something else.", idempotency_key=str)
UnknownPool = _details("UnknownPool", "The guild that has no pool.", organization_id=str)
UnknownPackage = _details("UnknownPackage", "The package that is not sold.", package_id=str)
UnknownPurchase = _details(
    "UnknownPurchase", "The purchase that the caller has not made.", purchase_id=SomeId
)
UnknownTransaction = _details(
    "UnknownTransaction", "The usage that the user has not made.", transaction_id=SomeId
)
UnknownReservation = _details(
    "UnknownReservation", "The reservation that there is not.", reservation_id=SomeId
)
UnknownOperation = _details("UnknownOperation", "The operation without a price.", operation=str)
Throttled = _details(
    "Throttled", "After how many seconds another try makes sense.", retry_after_seconds=int
)
EventConsumer = _details(
    "EventConsumer",
    "The consumer of events that there is not.",
    consumer=Annotated[str, Meta(examples=["mailer"])],
)
GiftEnded = _details(
    "GiftEnded",
    "The state that the gift is in.",
    status=Annotated[str, Meta(examples=["depleted"])],
)
SizeLimit = _details(
    "SizeLimit", "The most bytes that a body, or the head of a request, may have.", max_bytes=int
)


_BY_NAME = dict[str, str]


class ErrorCode(NamedTuple):
    """A code.

    Attributes:
        status: HTTP status that it always comes with.
        meaning: A sentence for the reference.
        states: SQLSTATEs of our functions that mean it. UG003, UG004, UG006 and UG007 are not
            raised, so that the attempt is kept: a redemption returns them as its status.
        details: Type of its details; None if it has none.
        retry_after: Seconds after which another try makes sense, unless its error says so itself.
    """

    status: int
    meaning: str
    states: str = ""
    details: Any = None
    retry_after: int | None = None

    @property
    def always_detailed(self) -> bool:
        """True if the details are always there; of problems by name there may be none."""
        return self.details not in (None, _BY_NAME)


_SOON, _LATER, _MUCH_LATER = 1, 5, 30

ERROR_CODES: Final[Mapping[str, ErrorCode]] = {
    "invalid_request": ErrorCode(
        400, "Malformed; `details` names each wrong field with its problem.", "UC001", _BY_NAME
    ),
    "insufficient_credits": ErrorCode(402, "There are not enough credits.", "UC002", Shortage),
    "spending_limit_exceeded": ErrorCode(
        400, "A limit for the day, the week or the month is reached.", "UC003", LimitReached
    ),
    "idempotency_key_reused": ErrorCode(
        409, "The key was used for other parameters.", "UC004", ReusedKey
    ),
    "guild_pool_not_found": ErrorCode(404, "The guild has no pool yet.", "UC005", UnknownPool),
    "package_not_found": ErrorCode(
        404, "There is no such package on sale.", "UC006", UnknownPackage
    ),
    "purchase_not_found": ErrorCode(
        404, "The caller has made no such purchase.", "UC007", UnknownPurchase
    ),
    "balance_too_large": ErrorCode(
        400, "The balance would exceed 12 digits.", "UC008", FullBalance
    ),
    "transaction_not_found": ErrorCode(
        404, "The user has made no such usage.", "UC009", UnknownTransaction
    ),
    "amount_exceeds_refundable": ErrorCode(
        400, "More than what is left of the usage to refund.", "UC010", OverRefund
    ),
    "reservation_not_found": ErrorCode(
        404, "There is no such reservation.", "UC011", UnknownReservation
    ),
    "reservation_already_released": ErrorCode(
        409, "The reservation was released.", "UC012", EndedReservation
    ),
    "reservation_already_committed": ErrorCode(
        409, "The reservation was committed.", "UC013", EndedReservation
    ),
    "reservation_expired": ErrorCode(
        409,
        "The reservation ran out of time, and its person was erased since.",
        "UC014",
        EndedReservation,
    ),
    "amount_exceeds_reservation": ErrorCode(
        400, "More than what is set aside.", "UC015", OverReserved
    ),
    "cap_exceeded": ErrorCode(
        403, "The calling service may not do that, or not as much of it.", "UC016", CapReached
    ),
    "too_many_attempts": ErrorCode(
        429,
        "Too many attempts: wait as `Retry-After` says.",
        "UC018 UG008",
        Throttled,
        retry_after=_LATER,
    ),
    "event_consumer_not_found": ErrorCode(
        404, "There is no such consumer.", "UC019", EventConsumer
    ),
    "event_consumer_lost": ErrorCode(
        409, "Events were removed before the consumer read them.", "UC020", LostConsumer
    ),
    "unknown_operation": ErrorCode(
        404, "There is no price for it, or it was withdrawn.", "UC021", UnknownOperation
    ),
    "price_changed": ErrorCode(
        409, "It costs something else than was expected.", "UC022", ChangedPrice
    ),
    "account_frozen": ErrorCode(
        403, "Nothing goes out of the account, until support lifts that.", "UC023"
    ),
    "own_account": ErrorCode(403, "Nobody in support acts on their own account.", "UC024"),
    "gift_not_found": ErrorCode(404, "There is no gift with this code or id.", "UG001"),
    "gift_not_active": ErrorCode(
        400, "The gift is used up, cancelled or paid back.", "UG002", GiftEnded
    ),
    "gift_expired": ErrorCode(400, "The gift has expired.", "UG003"),
    "gift_already_claimed": ErrorCode(400, "The caller has had a portion of this gift.", "UG004"),
    "riddle_answer_required": ErrorCode(400, "The gift asks a riddle.", "UG005"),
    "wrong_riddle_answer": ErrorCode(400, "The answer to the riddle is wrong.", "UG006"),
    "gift_for_someone_else": ErrorCode(403, "The gift is for someone else.", "UG007"),
    "unauthenticated": ErrorCode(401, "No token or key, or one that is not valid."),
    "not_a_guild_member": ErrorCode(403, "The caller is not in the guild."),
    "guild_role_required": ErrorCode(403, "Only owners and admins of the guild may do that."),
    "admin_required": ErrorCode(403, "The token names no role `admin`."),
    "not_found": ErrorCode(
        404,
        "There is no such route, or nothing with the name or id that `details` tell.",
        "UC025",
        _BY_NAME,
    ),
    "method_not_allowed": ErrorCode(405, "The route has other methods: see `Allow`."),
    "request_timeout": ErrorCode(408, "The request did not come in within 10 seconds."),
    "request_header_fields_too_large": ErrorCode(431, "The head is too large.", details=SizeLimit),
    "body_too_large": ErrorCode(413, "The body is too large.", details=SizeLimit),
    "internal_error": ErrorCode(500, "A mistake of ours; the log has it under `X-Request-Id`."),
    "auth_unavailable": ErrorCode(
        503, "Tokens or memberships cannot be checked now.", details=_BY_NAME, retry_after=_LATER
    ),
    "payments_unavailable": ErrorCode(
        503, "Stripe cannot be asked now, or is not set up.", retry_after=_MUCH_LATER
    ),
    "overloaded": ErrorCode(503, "The service is busy; nothing has happened.", retry_after=_SOON),
    "database_unavailable": ErrorCode(
        503, "The database is away; repeat with the same key.", details=_BY_NAME, retry_after=_LATER
    ),
    "timeout": ErrorCode(504, "It took too long; repeat with the same key.", retry_after=_SOON),
}
