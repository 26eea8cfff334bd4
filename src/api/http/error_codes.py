"""Every code that an error can have: its status, and the SQLSTATEs of our functions that mean it.

`docs/errors.md` says what each means, `tools/openapi/errors.py` which details it has.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class ErrorCode(NamedTuple):
    """A code.

    Attributes:
        status: HTTP status that it always comes with.
        states: SQLSTATEs of our functions that mean it. UG003, UG004, UG006 and UG007 are not
            raised, so that the attempt is kept: a redemption returns them as its status.
        retry_after: Seconds after which another try makes sense, unless its error says so itself.
    """

    status: int
    states: str = ""
    retry_after: int | None = None


_SOON, _LATER, _MUCH_LATER = 1, 5, 30

ERROR_CODES: Final[Mapping[str, ErrorCode]] = {
    "invalid_request": ErrorCode(400, "UC001"),
    "insufficient_credits": ErrorCode(402, "UC002"),
    "spending_limit_exceeded": ErrorCode(400, "UC003"),
    "idempotency_key_reused": ErrorCode(409, "UC004"),
    "guild_pool_not_found": ErrorCode(404, "UC005"),
    "package_not_found": ErrorCode(404, "UC006"),
    "purchase_not_found": ErrorCode(404, "UC007"),
    "balance_too_large": ErrorCode(400, "UC008"),
    "transaction_not_found": ErrorCode(404, "UC009"),
    "amount_exceeds_refundable": ErrorCode(400, "UC010"),
    "reservation_not_found": ErrorCode(404, "UC011"),
    "reservation_already_released": ErrorCode(409, "UC012"),
    "reservation_already_committed": ErrorCode(409, "UC013"),
    "reservation_expired": ErrorCode(409, "UC014"),
    "amount_exceeds_reservation": ErrorCode(400, "UC015"),
    "cap_exceeded": ErrorCode(403, "UC016"),
    "too_many_attempts": ErrorCode(429, "UC018 UG008", retry_after=_LATER),
    "event_consumer_not_found": ErrorCode(404, "UC019"),
    "event_consumer_lost": ErrorCode(409, "UC020"),
    "unknown_operation": ErrorCode(404, "UC021"),
    "price_changed": ErrorCode(409, "UC022"),
    "account_frozen": ErrorCode(403, "UC023"),
    "own_account": ErrorCode(403, "UC024"),
    "gift_not_found": ErrorCode(404, "UG001"),
    "gift_not_active": ErrorCode(400, "UG002"),
    "gift_expired": ErrorCode(400, "UG003"),
    "gift_already_claimed": ErrorCode(400, "UG004"),
    "riddle_answer_required": ErrorCode(400, "UG005"),
    "wrong_riddle_answer": ErrorCode(400, "UG006"),
    "gift_for_someone_else": ErrorCode(403, "UG007"),
    "unauthenticated": ErrorCode(401),
    "not_a_guild_member": ErrorCode(403),
    "guild_role_required": ErrorCode(403),
    "admin_required": ErrorCode(403),
    "not_found": ErrorCode(404, "UC025"),
    "method_not_allowed": ErrorCode(405),
    "request_timeout": ErrorCode(408),
    "request_header_fields_too_large": ErrorCode(431),
    "body_too_large": ErrorCode(413),
    "internal_error": ErrorCode(500),
    "auth_unavailable": ErrorCode(503, retry_after=_LATER),
    "payments_unavailable": ErrorCode(503, retry_after=_MUCH_LATER),
    "overloaded": ErrorCode(503, retry_after=_SOON),
    "database_unavailable": ErrorCode(503, retry_after=_LATER),
    "timeout": ErrorCode(504, retry_after=_SOON),
}
