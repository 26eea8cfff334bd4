// Written by `make clients` from the OpenAPI document: change nothing here.

import { CreditsError } from "./errors.js";
import type { components } from "./openapi.js";

type Schemas = components["schemas"];

/** Fields that hold amounts: they are read as text, digit by digit. */
export const AMOUNTS: ReadonlySet<string> = new Set(["amount", "available", "balance", "balanceAfter", "balanceBefore", "captured", "clawedBackCredits", "committed", "credits", "creditsPerPortion", "creditsReceived", "creditsUsed", "daily", "dailyLimit", "dailyRemaining", "debt", "expected", "expectedAmount", "forfeitedCredits", "limit", "lowBalanceAt", "minimum", "monthly", "monthlyLimit", "monthlyRemaining", "newBalance", "operationCosts", "per", "quantity", "refundable", "refundedCredits", "released", "remaining", "requested", "required", "reserved", "spent", "spentThisMonth", "spentThisWeek", "spentToday", "step", "threshold", "totalCredits", "totalEarned", "totalFunded", "totalSpent", "uncollected", "unitPrice", "weekly", "weeklyLimit", "weeklyRemaining"]);

/** `account_frozen`: Nothing goes out of the account, until support lifts that. */
export class AccountFrozenError extends CreditsError<undefined, "account_frozen"> {}

/** `admin_required`: The token names no role `admin`. */
export class AdminRequiredError extends CreditsError<undefined, "admin_required"> {}

/** `amount_exceeds_refundable`: More than what is left of the usage to refund. */
export class AmountExceedsRefundableError extends CreditsError<Schemas["OverRefund"], "amount_exceeds_refundable"> {}

/** `amount_exceeds_reservation`: More than what is set aside. */
export class AmountExceedsReservationError extends CreditsError<Schemas["OverReserved"], "amount_exceeds_reservation"> {}

/** `auth_unavailable`: Tokens or memberships cannot be checked now. */
export class AuthUnavailableError extends CreditsError<undefined, "auth_unavailable"> {}

/** `balance_too_large`: The balance would exceed 12 digits. */
export class BalanceTooLargeError extends CreditsError<Schemas["FullBalance"], "balance_too_large"> {}

/** `body_too_large`: The body is too large. */
export class BodyTooLargeError extends CreditsError<Schemas["SizeLimit"], "body_too_large"> {}

/** `cap_exceeded`: The calling service may not do that, or not as much of it. */
export class CapExceededError extends CreditsError<Schemas["CapReached"], "cap_exceeded"> {}

/** `database_unavailable`: The database is away; repeat with the same key. */
export class DatabaseUnavailableError extends CreditsError<Record<string, string> | undefined, "database_unavailable"> {}

/** `event_consumer_lost`: Events were removed before the consumer read them. */
export class EventConsumerLostError extends CreditsError<Schemas["LostConsumer"], "event_consumer_lost"> {}

/** `event_consumer_not_found`: There is no such consumer. */
export class EventConsumerNotFoundError extends CreditsError<Schemas["EventConsumer"], "event_consumer_not_found"> {}

/** `gift_already_claimed`: The caller has had a portion of this gift. */
export class GiftAlreadyClaimedError extends CreditsError<undefined, "gift_already_claimed"> {}

/** `gift_expired`: The gift has expired. */
export class GiftExpiredError extends CreditsError<undefined, "gift_expired"> {}

/** `gift_for_someone_else`: The gift is for someone else. */
export class GiftForSomeoneElseError extends CreditsError<undefined, "gift_for_someone_else"> {}

/** `gift_not_active`: The gift is used up, cancelled or paid back. */
export class GiftNotActiveError extends CreditsError<Schemas["GiftEnded"], "gift_not_active"> {}

/** `gift_not_found`: There is no gift with this code or id. */
export class GiftNotFoundError extends CreditsError<undefined, "gift_not_found"> {}

/** `guild_pool_not_found`: The guild has no pool yet. */
export class GuildPoolNotFoundError extends CreditsError<Schemas["UnknownPool"], "guild_pool_not_found"> {}

/** `guild_role_required`: Only owners and admins of the guild may do that. */
export class GuildRoleRequiredError extends CreditsError<undefined, "guild_role_required"> {}

/** `idempotency_key_reused`: The key was used for other parameters. */
export class IdempotencyKeyReusedError extends CreditsError<Schemas["ReusedKey"], "idempotency_key_reused"> {}

/** `insufficient_credits`: There are not enough credits. */
export class InsufficientCreditsError extends CreditsError<Schemas["Shortage"], "insufficient_credits"> {}

/** `internal_error`: A mistake of ours; the log has it under `X-Request-Id`. */
export class InternalError extends CreditsError<undefined, "internal_error"> {}

/** `invalid_request`: Malformed; `details` names each wrong field with its problem. */
export class InvalidRequestError extends CreditsError<Record<string, string> | undefined, "invalid_request"> {}

/** `method_not_allowed`: The route has other methods: see `Allow`. */
export class MethodNotAllowedError extends CreditsError<undefined, "method_not_allowed"> {}

/** `not_a_guild_member`: The caller is not in the guild. */
export class NotAGuildMemberError extends CreditsError<undefined, "not_a_guild_member"> {}

/** `not_found`: There is no such route, or nothing with the name or id that `details` tell. */
export class NotFoundError extends CreditsError<Record<string, string> | undefined, "not_found"> {}

/** `overloaded`: The service is busy; nothing has happened. */
export class OverloadedError extends CreditsError<undefined, "overloaded"> {}

/** `own_account`: Nobody in support acts on their own account. */
export class OwnAccountError extends CreditsError<undefined, "own_account"> {}

/** `package_not_found`: There is no such package on sale. */
export class PackageNotFoundError extends CreditsError<Schemas["UnknownPackage"], "package_not_found"> {}

/** `payments_unavailable`: Stripe cannot be asked now, or is not set up. */
export class PaymentsUnavailableError extends CreditsError<undefined, "payments_unavailable"> {}

/** `price_changed`: It costs something else than was expected. */
export class PriceChangedError extends CreditsError<Schemas["ChangedPrice"], "price_changed"> {}

/** `purchase_not_found`: The caller has made no such purchase. */
export class PurchaseNotFoundError extends CreditsError<Schemas["UnknownPurchase"], "purchase_not_found"> {}

/** `request_header_fields_too_large`: The head is too large. */
export class RequestHeaderFieldsTooLargeError extends CreditsError<Schemas["SizeLimit"], "request_header_fields_too_large"> {}

/** `request_timeout`: The request did not come in within 10 seconds. */
export class RequestTimeoutError extends CreditsError<undefined, "request_timeout"> {}

/** `reservation_already_committed`: The reservation was committed. */
export class ReservationAlreadyCommittedError extends CreditsError<Schemas["EndedReservation"], "reservation_already_committed"> {}

/** `reservation_already_released`: The reservation was released. */
export class ReservationAlreadyReleasedError extends CreditsError<Schemas["EndedReservation"], "reservation_already_released"> {}

/** `reservation_expired`: The reservation ran out of time, and its person was erased since. */
export class ReservationExpiredError extends CreditsError<Schemas["EndedReservation"], "reservation_expired"> {}

/** `reservation_not_found`: There is no such reservation. */
export class ReservationNotFoundError extends CreditsError<Schemas["UnknownReservation"], "reservation_not_found"> {}

/** `riddle_answer_required`: The gift asks a riddle. */
export class RiddleAnswerRequiredError extends CreditsError<undefined, "riddle_answer_required"> {}

/** `spending_limit_exceeded`: A limit for the day, the week or the month is reached. */
export class SpendingLimitExceededError extends CreditsError<Schemas["LimitReached"], "spending_limit_exceeded"> {}

/** `timeout`: It took too long; repeat with the same key. */
export class CreditsTimeoutError extends CreditsError<undefined, "timeout"> {}

/** `too_many_attempts`: Too many attempts: wait as `Retry-After` says. */
export class TooManyAttemptsError extends CreditsError<Schemas["Throttled"], "too_many_attempts"> {}

/** `transaction_not_found`: The user has made no such usage. */
export class TransactionNotFoundError extends CreditsError<Schemas["UnknownTransaction"], "transaction_not_found"> {}

/** `unauthenticated`: No token or key, or one that is not valid. */
export class UnauthenticatedError extends CreditsError<undefined, "unauthenticated"> {}

/** `unknown_operation`: There is no price for it, or it was withdrawn. */
export class UnknownOperationError extends CreditsError<Schemas["UnknownOperation"], "unknown_operation"> {}

/** `wrong_riddle_answer`: The answer to the riddle is wrong. */
export class WrongRiddleAnswerError extends CreditsError<undefined, "wrong_riddle_answer"> {}

/** The class of each code. */
export const ERRORS = {
  account_frozen: AccountFrozenError,
  admin_required: AdminRequiredError,
  amount_exceeds_refundable: AmountExceedsRefundableError,
  amount_exceeds_reservation: AmountExceedsReservationError,
  auth_unavailable: AuthUnavailableError,
  balance_too_large: BalanceTooLargeError,
  body_too_large: BodyTooLargeError,
  cap_exceeded: CapExceededError,
  database_unavailable: DatabaseUnavailableError,
  event_consumer_lost: EventConsumerLostError,
  event_consumer_not_found: EventConsumerNotFoundError,
  gift_already_claimed: GiftAlreadyClaimedError,
  gift_expired: GiftExpiredError,
  gift_for_someone_else: GiftForSomeoneElseError,
  gift_not_active: GiftNotActiveError,
  gift_not_found: GiftNotFoundError,
  guild_pool_not_found: GuildPoolNotFoundError,
  guild_role_required: GuildRoleRequiredError,
  idempotency_key_reused: IdempotencyKeyReusedError,
  insufficient_credits: InsufficientCreditsError,
  internal_error: InternalError,
  invalid_request: InvalidRequestError,
  method_not_allowed: MethodNotAllowedError,
  not_a_guild_member: NotAGuildMemberError,
  not_found: NotFoundError,
  overloaded: OverloadedError,
  own_account: OwnAccountError,
  package_not_found: PackageNotFoundError,
  payments_unavailable: PaymentsUnavailableError,
  price_changed: PriceChangedError,
  purchase_not_found: PurchaseNotFoundError,
  request_header_fields_too_large: RequestHeaderFieldsTooLargeError,
  request_timeout: RequestTimeoutError,
  reservation_already_committed: ReservationAlreadyCommittedError,
  reservation_already_released: ReservationAlreadyReleasedError,
  reservation_expired: ReservationExpiredError,
  reservation_not_found: ReservationNotFoundError,
  riddle_answer_required: RiddleAnswerRequiredError,
  spending_limit_exceeded: SpendingLimitExceededError,
  timeout: CreditsTimeoutError,
  too_many_attempts: TooManyAttemptsError,
  transaction_not_found: TransactionNotFoundError,
  unauthenticated: UnauthenticatedError,
  unknown_operation: UnknownOperationError,
  wrong_riddle_answer: WrongRiddleAnswerError,
} as const;
