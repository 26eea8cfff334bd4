# Written by `make clients` from the OpenAPI document: change nothing here.
"""The fields that hold amounts, and an error class for each code."""

from .errors import CreditsError
from .models import (
    CapReached,
    ChangedPrice,
    EndedReservation,
    EventConsumer,
    FullBalance,
    GiftEnded,
    LimitReached,
    LostConsumer,
    OverRefund,
    OverReserved,
    ReusedKey,
    Shortage,
    SizeLimit,
    Throttled,
    UnknownOperation,
    UnknownPackage,
    UnknownPool,
    UnknownPurchase,
    UnknownReservation,
    UnknownTransaction,
)

AMOUNTS = frozenset(
    [
        "amount",
        "available",
        "balance",
        "balanceAfter",
        "balanceBefore",
        "captured",
        "clawedBackCredits",
        "committed",
        "credits",
        "creditsPerPortion",
        "creditsReceived",
        "creditsUsed",
        "daily",
        "dailyLimit",
        "dailyRemaining",
        "debt",
        "expected",
        "expectedAmount",
        "forfeitedCredits",
        "limit",
        "lowBalanceAt",
        "minimum",
        "monthly",
        "monthlyLimit",
        "monthlyRemaining",
        "newBalance",
        "operationCosts",
        "per",
        "quantity",
        "refundable",
        "refundedCredits",
        "released",
        "remaining",
        "requested",
        "required",
        "reserved",
        "spent",
        "spentThisMonth",
        "spentThisWeek",
        "spentToday",
        "step",
        "threshold",
        "totalCredits",
        "totalEarned",
        "totalFunded",
        "totalSpent",
        "uncollected",
        "unitPrice",
        "weekly",
        "weeklyLimit",
        "weeklyRemaining",
    ]
)


class AccountFrozenError(CreditsError[None]):
    """`account_frozen`: Nothing goes out of the account, until support lifts that."""


class AdminRequiredError(CreditsError[None]):
    """`admin_required`: The token names no role `admin`."""


class AmountExceedsRefundableError(CreditsError[OverRefund]):
    """`amount_exceeds_refundable`: More than what is left of the usage to refund."""


class AmountExceedsReservationError(CreditsError[OverReserved]):
    """`amount_exceeds_reservation`: More than what is set aside."""


class AuthUnavailableError(CreditsError[None]):
    """`auth_unavailable`: Tokens or memberships cannot be checked now."""


class BalanceTooLargeError(CreditsError[FullBalance]):
    """`balance_too_large`: The balance would exceed 12 digits."""


class BodyTooLargeError(CreditsError[SizeLimit]):
    """`body_too_large`: The body is too large."""


class CapExceededError(CreditsError[CapReached]):
    """`cap_exceeded`: The calling service may not do that, or not as much of it."""


class DatabaseUnavailableError(CreditsError[dict[str, str] | None]):
    """`database_unavailable`: The database is away; repeat with the same key."""


class EventConsumerLostError(CreditsError[LostConsumer]):
    """`event_consumer_lost`: Events were removed before the consumer read them."""


class EventConsumerNotFoundError(CreditsError[EventConsumer]):
    """`event_consumer_not_found`: There is no such consumer."""


class GiftAlreadyClaimedError(CreditsError[None]):
    """`gift_already_claimed`: The caller has had a portion of this gift."""


class GiftExpiredError(CreditsError[None]):
    """`gift_expired`: The gift has expired."""


class GiftForSomeoneElseError(CreditsError[None]):
    """`gift_for_someone_else`: The gift is for someone else."""


class GiftNotActiveError(CreditsError[GiftEnded]):
    """`gift_not_active`: The gift is used up, cancelled or paid back."""


class GiftNotFoundError(CreditsError[None]):
    """`gift_not_found`: There is no gift with this code or id."""


class GuildPoolNotFoundError(CreditsError[UnknownPool]):
    """`guild_pool_not_found`: The guild has no pool yet."""


class GuildRoleRequiredError(CreditsError[None]):
    """`guild_role_required`: Only owners and admins of the guild may do that."""


class IdempotencyKeyReusedError(CreditsError[ReusedKey]):
    """`idempotency_key_reused`: The key was used for other parameters."""


class InsufficientCreditsError(CreditsError[Shortage]):
    """`insufficient_credits`: There are not enough credits."""


class InternalError(CreditsError[None]):
    """`internal_error`: A mistake of ours; the log has it under `X-Request-Id`."""


class InvalidRequestError(CreditsError[dict[str, str] | None]):
    """`invalid_request`: Malformed; `details` names each wrong field with its problem."""


class MethodNotAllowedError(CreditsError[None]):
    """`method_not_allowed`: The route has other methods: see `Allow`."""


class NotAGuildMemberError(CreditsError[None]):
    """`not_a_guild_member`: The caller is not in the guild."""


class NotFoundError(CreditsError[dict[str, str] | None]):
    """`not_found`: There is no such route, or nothing with the name or id that `details` tell."""


class OverloadedError(CreditsError[None]):
    """`overloaded`: The service is busy; nothing has happened."""


class OwnAccountError(CreditsError[None]):
    """`own_account`: Nobody in support acts on their own account."""


class PackageNotFoundError(CreditsError[UnknownPackage]):
    """`package_not_found`: There is no such package on sale."""


class PaymentsUnavailableError(CreditsError[None]):
    """`payments_unavailable`: Stripe cannot be asked now, or is not set up."""


class PriceChangedError(CreditsError[ChangedPrice]):
    """`price_changed`: It costs something else than was expected."""


class PurchaseNotFoundError(CreditsError[UnknownPurchase]):
    """`purchase_not_found`: The caller has made no such purchase."""


class RequestHeaderFieldsTooLargeError(CreditsError[SizeLimit]):
    """`request_header_fields_too_large`: The head is too large."""


class RequestTimeoutError(CreditsError[None]):
    """`request_timeout`: The request did not come in within 10 seconds."""


class ReservationAlreadyCommittedError(CreditsError[EndedReservation]):
    """`reservation_already_committed`: The reservation was committed."""


class ReservationAlreadyReleasedError(CreditsError[EndedReservation]):
    """`reservation_already_released`: The reservation was released."""


class ReservationExpiredError(CreditsError[EndedReservation]):
    """`reservation_expired`: The reservation ran out of time, and its person was erased since."""


class ReservationNotFoundError(CreditsError[UnknownReservation]):
    """`reservation_not_found`: There is no such reservation."""


class RiddleAnswerRequiredError(CreditsError[None]):
    """`riddle_answer_required`: The gift asks a riddle."""


class SpendingLimitExceededError(CreditsError[LimitReached]):
    """`spending_limit_exceeded`: A limit for the day, the week or the month is reached."""


class CreditsTimeoutError(CreditsError[None]):
    """`timeout`: It took too long; repeat with the same key."""


class TooManyAttemptsError(CreditsError[Throttled]):
    """`too_many_attempts`: Too many attempts: wait as `Retry-After` says."""


class TransactionNotFoundError(CreditsError[UnknownTransaction]):
    """`transaction_not_found`: The user has made no such usage."""


class UnauthenticatedError(CreditsError[None]):
    """`unauthenticated`: No token or key, or one that is not valid."""


class UnknownOperationError(CreditsError[UnknownOperation]):
    """`unknown_operation`: There is no price for it, or it was withdrawn."""


class WrongRiddleAnswerError(CreditsError[None]):
    """`wrong_riddle_answer`: The answer to the riddle is wrong."""


__all__ = [
    "AMOUNTS",
    "ERRORS",
    "AccountFrozenError",
    "AdminRequiredError",
    "AmountExceedsRefundableError",
    "AmountExceedsReservationError",
    "AuthUnavailableError",
    "BalanceTooLargeError",
    "BodyTooLargeError",
    "CapExceededError",
    "CreditsTimeoutError",
    "DatabaseUnavailableError",
    "EventConsumerLostError",
    "EventConsumerNotFoundError",
    "GiftAlreadyClaimedError",
    "GiftExpiredError",
    "GiftForSomeoneElseError",
    "GiftNotActiveError",
    "GiftNotFoundError",
    "GuildPoolNotFoundError",
    "GuildRoleRequiredError",
    "IdempotencyKeyReusedError",
    "InsufficientCreditsError",
    "InternalError",
    "InvalidRequestError",
    "MethodNotAllowedError",
    "NotAGuildMemberError",
    "NotFoundError",
    "OverloadedError",
    "OwnAccountError",
    "PackageNotFoundError",
    "PaymentsUnavailableError",
    "PriceChangedError",
    "PurchaseNotFoundError",
    "RequestHeaderFieldsTooLargeError",
    "RequestTimeoutError",
    "ReservationAlreadyCommittedError",
    "ReservationAlreadyReleasedError",
    "ReservationExpiredError",
    "ReservationNotFoundError",
    "RiddleAnswerRequiredError",
    "SpendingLimitExceededError",
    "TooManyAttemptsError",
    "TransactionNotFoundError",
    "UnauthenticatedError",
    "UnknownOperationError",
    "WrongRiddleAnswerError",
]

ERRORS: dict[str, type[CreditsError[object]]] = {
    "account_frozen": AccountFrozenError,
    "admin_required": AdminRequiredError,
    "amount_exceeds_refundable": AmountExceedsRefundableError,
    "amount_exceeds_reservation": AmountExceedsReservationError,
    "auth_unavailable": AuthUnavailableError,
    "balance_too_large": BalanceTooLargeError,
    "body_too_large": BodyTooLargeError,
    "cap_exceeded": CapExceededError,
    "database_unavailable": DatabaseUnavailableError,
    "event_consumer_lost": EventConsumerLostError,
    "event_consumer_not_found": EventConsumerNotFoundError,
    "gift_already_claimed": GiftAlreadyClaimedError,
    "gift_expired": GiftExpiredError,
    "gift_for_someone_else": GiftForSomeoneElseError,
    "gift_not_active": GiftNotActiveError,
    "gift_not_found": GiftNotFoundError,
    "guild_pool_not_found": GuildPoolNotFoundError,
    "guild_role_required": GuildRoleRequiredError,
    "idempotency_key_reused": IdempotencyKeyReusedError,
    "insufficient_credits": InsufficientCreditsError,
    "internal_error": InternalError,
    "invalid_request": InvalidRequestError,
    "method_not_allowed": MethodNotAllowedError,
    "not_a_guild_member": NotAGuildMemberError,
    "not_found": NotFoundError,
    "overloaded": OverloadedError,
    "own_account": OwnAccountError,
    "package_not_found": PackageNotFoundError,
    "payments_unavailable": PaymentsUnavailableError,
    "price_changed": PriceChangedError,
    "purchase_not_found": PurchaseNotFoundError,
    "request_header_fields_too_large": RequestHeaderFieldsTooLargeError,
    "request_timeout": RequestTimeoutError,
    "reservation_already_committed": ReservationAlreadyCommittedError,
    "reservation_already_released": ReservationAlreadyReleasedError,
    "reservation_expired": ReservationExpiredError,
    "reservation_not_found": ReservationNotFoundError,
    "riddle_answer_required": RiddleAnswerRequiredError,
    "spending_limit_exceeded": SpendingLimitExceededError,
    "timeout": CreditsTimeoutError,
    "too_many_attempts": TooManyAttemptsError,
    "transaction_not_found": TransactionNotFoundError,
    "unauthenticated": UnauthenticatedError,
    "unknown_operation": UnknownOperationError,
    "wrong_riddle_answer": WrongRiddleAnswerError,
}
