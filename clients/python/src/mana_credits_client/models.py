# Written by `make clients` from the OpenAPI document: change nothing here.

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Buy(TypedDict):
    """
    What is bought; with both URLs on a page of Stripe's, without them on the client's own.
    """

    packageId: str
    successUrl: NotRequired[str | None]
    cancelUrl: NotRequired[str | None]
    idempotencyKey: NotRequired[str | None]


class Line(TypedDict):
    operation: str
    unit: NotRequired[str]
    quantity: Decimal
    unitPrice: NotRequired[Decimal]
    per: NotRequired[Decimal]
    step: NotRequired[Decimal]
    minimum: NotRequired[Decimal]
    amount: Decimal


class CreditSource(TypedDict):
    """
    Whose credits are used: one's own (`personal`) or those of a `guild`.
    """

    type: Literal["personal", "guild"]
    guildId: NotRequired[str | None]


Credits: TypeAlias = Decimal


class DailyUsage(TypedDict):
    """
    What a user used of one app on one UTC day.
    """

    date: str
    appId: str
    creditsUsed: Decimal
    transactionsCount: int


class EndedReservation(TypedDict):
    """
    The reservation, and how it ended.
    """

    reservationId: str
    status: str


class Erasure(TypedDict):
    """
    What became of a person: rows rewritten or removed, and what was given up.
    """

    deletedCount: int
    forfeitedCredits: Decimal
    cancelledGifts: int
    releasedReservations: int
    pending: NotRequired[bool]


class EventConsumer(TypedDict):
    """
    The consumer of events that there is not.
    """

    consumer: str


class Explain(TypedDict):
    """
    The debit in question: of a user's own credits, or of a guild's.
    """

    userId: str
    amount: Decimal | str
    appId: NotRequired[str | None]
    guildId: NotRequired[str | None]


class Explained(TypedDict):
    """
    The verdict; a refusal has the code and the details that the debit's own would have.

    `passesAt` is the earliest time at which the debit would pass as things stand; it is left out
    when time alone does not help.
    """

    allowed: bool
    code: NotRequired[str]
    message: NotRequired[str]
    details: NotRequired[Any]
    passesAt: NotRequired[str]


class ExtendReservation(TypedDict):
    """
    How long it is to last from now on.
    """

    reservationId: str
    expiresInSeconds: int


class Extended(TypedDict):
    """
    A reservation, and when it ends now.
    """

    reservationId: str
    expiresAt: str


class FullBalance(TypedDict):
    """
    What is there and what would have been added.
    """

    balance: Decimal
    amount: Decimal


class Fund(TypedDict):
    """
    How much of one's own goes into the pool.
    """

    amount: Decimal | str
    idempotencyKey: NotRequired[str | None]


class FundedBalance(TypedDict):
    """
    A pool right after it was funded.
    """

    balance: Decimal
    totalFunded: Decimal


class Gift(TypedDict):
    """
    A gift as anyone who has its code sees it.
    """

    code: str
    type: Literal["simple", "personalized", "split", "first_come", "riddle"]
    status: Literal["active", "depleted", "expired", "cancelled", "refunded"]
    totalCredits: Decimal
    creditsPerPortion: Decimal
    totalPortions: int
    claimedPortions: int
    remainingPortions: int
    redeemed: bool
    hasRiddle: bool
    riddleQuestion: str | None
    isPersonalized: bool
    message: str | None
    creatorName: str | None
    expiresAt: str


class GiftEnded(TypedDict):
    """
    What has become of the gift.
    """

    status: str


class GiftOfMine(TypedDict):
    """
    A gift in its creator's list.
    """

    id: str
    code: str
    url: str
    shortUrl: str
    type: Literal["simple", "personalized", "split", "first_come", "riddle"]
    status: Literal["active", "depleted", "expired", "cancelled", "refunded"]
    totalCredits: Decimal
    creditsPerPortion: Decimal
    totalPortions: int
    claimedPortions: int
    redeemed: bool
    message: str | None
    expiresAt: str
    createdAt: str


class Give(TypedDict):
    """
    What is given, to whom and how; some fields go by two names.
    """

    totalCredits: NotRequired[Decimal | str | None]
    credits: NotRequired[Decimal | str | None]
    type: NotRequired[Literal["simple", "personalized", "split", "first_come", "riddle"] | None]
    totalPortions: NotRequired[int | None]
    portions: NotRequired[int | None]
    targetEmail: NotRequired[str | None]
    targetMatrixId: NotRequired[str | None]
    riddleQuestion: NotRequired[str | None]
    riddleAnswer: NotRequired[str | None]
    message: NotRequired[str | None]
    creatorName: NotRequired[str | None]
    expirationDays: NotRequired[int | None]
    expiresAt: NotRequired[str | None]
    sourceAppId: NotRequired[str | None]
    idempotencyKey: NotRequired[str | None]


class GivenGift(TypedDict):
    """
    A gift just created, or by an earlier call with the same key.
    """

    id: str
    code: str
    url: str
    shortUrl: str
    type: Literal["simple", "personalized", "split", "first_come", "riddle"]
    status: Literal["active", "depleted", "expired", "cancelled", "refunded"]
    totalCredits: Decimal
    creditsPerPortion: Decimal
    totalPortions: int
    claimedPortions: int
    remainingPortions: int
    targetEmail: str | None
    targetMatrixId: str | None
    riddleQuestion: str | None
    message: str | None
    expiresAt: str
    createdAt: str
    replayed: NotRequired[Literal[True]]


class Grant(TypedDict):
    """
    What a user is given and why, once for each reference; until when, if not for good.
    """

    userId: str
    amount: Decimal | str
    reason: str
    referenceId: str
    description: NotRequired[str | None]
    expiresAt: NotRequired[str | None]
    idempotencyKey: NotRequired[str | None]


class GrantAnswer(TypedDict):
    """
    A grant and the balance after it.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    ok: bool
    alreadyGranted: bool
    newBalance: Decimal
    transactionId: str


class GuildTransaction(TypedDict):
    """
    A row of a guild pool's ledger; `amount` is signed.
    """

    id: str
    organizationId: str
    userId: str
    type: Literal["funding", "usage", "refund"]
    amount: Decimal
    balanceBefore: Decimal
    balanceAfter: Decimal
    appId: str | None
    description: str
    metadata: dict[str, Any] | None
    idempotencyKey: str | None
    createdAt: str


class Charge2(TypedDict):
    amount: Decimal
    pricedAt: NotRequired[str]
    uncollected: NotRequired[Decimal]
    lines: list[Line]


class Init(TypedDict):
    """
    Whose balance springs up.
    """

    userId: str


class InitPool(TypedDict):
    """
    Whose pool springs up.
    """

    organizationId: str


class Item(TypedDict):
    """
    An operation that has a price, and how much of it; 1 if not given.
    """

    operation: str
    quantity: NotRequired[Decimal | str | None]


class LimitReached(TypedDict):
    """
    The tightest limit: whose it is, for a day, a week or a month, and when the next begins.
    """

    scope: Literal["own", "app", "member", "default"]
    window: Literal["daily", "weekly", "monthly"]
    limit: Decimal
    spent: Decimal
    requested: Decimal
    resetsAt: str


class LostConsumer(TypedDict):
    """
    The consumer of events that was too slow, and since when.
    """

    consumer: str
    lostAt: str


class LowBalanceAlert(TypedDict):
    """
    At what balance consumers are told; None is never. `is_low` says that it is that low now.
    """

    lowBalanceAt: Decimal | None
    isLow: bool


class NewAlert(TypedDict):
    """
    Where the alert is to be; null takes it away.
    """

    lowBalanceAt: Decimal | str | None


class NewLimits(TypedDict):
    """
    New limits: an absent one stays as it is, null removes it, 0 blocks.
    """

    dailyLimit: NotRequired[Decimal | str | None]
    monthlyLimit: NotRequired[Decimal | str | None]


class OperationUsage(TypedDict):
    """
    What a user used of one operation in one app.
    """

    operation: str
    appId: str
    unit: str
    quantity: Decimal
    creditsUsed: Decimal
    transactionsCount: int


class OverRefund(TypedDict):
    """
    What was asked back and what is left to refund.
    """

    requested: Decimal
    refundable: Decimal


class OverReserved(TypedDict):
    """
    What was to be used and what was set aside.
    """

    requested: Decimal
    reserved: Decimal


class Package(TypedDict):
    """
    What can be bought; the price is in euro cents.
    """

    id: str
    name: str
    description: str
    credits: Decimal
    priceEuroCents: int
    stripePriceId: str | None
    active: bool
    sortOrder: int
    metadata: dict[str, Any] | None


class PendingAnswer(TypedDict):
    """
    How many gifts were received, by two names, how much in all, and whether more are waiting.
    """

    redeemed: int
    redeemedCount: int
    totalCredits: Decimal
    more: NotRequired[bool]


class Charge3(TypedDict):
    amount: Decimal
    pricedAt: NotRequired[str]
    uncollected: NotRequired[Decimal]
    lines: list[Line]


class Pool(TypedDict):
    """
    The whole row of a guild's pool.
    """

    organizationId: str
    balance: Decimal
    totalFunded: Decimal
    totalSpent: Decimal
    reserved: Decimal
    createdAt: str
    updatedAt: str


class PoolBalance(TypedDict):
    """
    What a guild's pool holds.
    """

    balance: Decimal
    totalFunded: Decimal
    totalSpent: Decimal


class Charge4(TypedDict):
    amount: Decimal
    pricedAt: NotRequired[str]
    uncollected: NotRequired[Decimal]
    lines: list[Line]


class Price(TypedDict):
    """
    What an operation costs: max(minimum, ceil(quantity / step) * step / per * unitPrice).
    """

    operation: str
    appId: str | None
    unit: str
    unitPrice: Decimal
    per: Decimal
    step: Decimal
    minimum: Decimal
    name: str
    description: str
    category: str | None
    validFrom: str


class Pricing(TypedDict):
    """
    What one unit of each operation costs, and since when the newest of these prices holds.
    """

    operationCosts: dict[str, Decimal]
    lastUpdated: str | None


class Purchase(TypedDict):
    """
    A purchase as its buyer sees it; the price is in euro cents.
    """

    id: str
    packageId: str
    credits: Decimal
    priceEuroCents: int
    currency: str
    status: Literal["pending", "processing", "completed", "failed", "cancelled"]
    stripePaymentIntentId: str | None
    createdAt: str
    completedAt: str | None
    refundedCents: int
    clawedBackCredits: Decimal


class Quoted(TypedDict):
    """
    What it costs, and whether a debit of that would pass.

    A refusal has the code and the details that the debit's own would have. `passesAt` is the
    earliest time at which the debit would pass as things stand; it is left out when time alone
    does not help.
    """

    amount: Decimal
    lines: list[Line]
    allowed: bool
    refusal: NotRequired[str]
    message: NotRequired[str]
    details: NotRequired[Any]
    passesAt: NotRequired[str]


class QuotedItems(TypedDict):
    """
    The items of the debit in question: of one's own credits, or of a guild's.
    """

    items: list[Item]
    appId: NotRequired[str | None]
    guildId: NotRequired[str | None]


class QuotedItemsOfUser(TypedDict):
    """
    The same for a user; without an app it is that of the X-App-Id header.
    """

    items: list[Item]
    appId: NotRequired[str | None]
    guildId: NotRequired[str | None]
    userId: str


class ReceivedGift(TypedDict):
    """
    A portion of a gift in its receiver's list.
    """

    id: str
    giftCodeId: str
    code: str
    credits: Decimal
    creditsReceived: Decimal
    portionNumber: int
    message: str | None
    creatorName: str | None
    redeemedAt: str
    createdAt: str
    status: Literal["success"]


class Redeem(TypedDict):
    """
    How a gift is redeemed; the answer goes by two names.
    """

    riddleAnswer: NotRequired[str | None]
    answer: NotRequired[str | None]
    sourceAppId: NotRequired[str | None]
    idempotencyKey: NotRequired[str | None]


class RedeemPending(TypedDict):
    """
    Who has registered, with which address.
    """

    userId: str
    email: str


class RedeemedGift(TypedDict):
    """
    A portion received, now or by an earlier call with the same key.
    """

    success: bool
    credits: Decimal
    creditsReceived: Decimal
    newBalance: Decimal
    message: str | None
    creatorName: str | None
    replayed: NotRequired[Literal[True]]


class Refund(TypedDict):
    """
    What a user gets back, and for which usage if it is known.
    """

    userId: str
    amount: Decimal | str
    description: str
    appId: NotRequired[str | None]
    transactionId: NotRequired[str | None]
    idempotencyKey: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]


class ReleaseReservation(TypedDict):
    """
    What is not used after all.
    """

    reservationId: str


class Released(TypedDict):
    """
    What could be spent right after.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    balance: Decimal


class ReservationState(TypedDict):
    """
    How a reservation stands; a guild's names the guild.
    """

    reservationId: str
    userId: str
    appId: str
    reserved: Decimal
    captured: Decimal
    remaining: Decimal
    expiresAt: str
    status: Literal["held", "committed", "released", "expired"]
    guildId: NotRequired[str | None]


class Reserve(TypedDict):
    """
    How much is set aside, of a user's own credits or of a guild's, and for how long.

    An amount, or items, whose prices of this moment hold until the end of the reservation.
    """

    userId: str
    amount: NotRequired[Decimal | str | None]
    items: NotRequired[list[Item] | None]
    expectedAmount: NotRequired[Decimal | str | None]
    reason: str
    expiresInSeconds: NotRequired[int | None]
    guildId: NotRequired[str | None]
    appId: NotRequired[str | None]
    idempotencyKey: NotRequired[str | None]


class Charge5(TypedDict):
    amount: Decimal
    pricedAt: NotRequired[str]
    uncollected: NotRequired[Decimal]
    lines: list[Line]


class Reserved(TypedDict):
    """
    A reservation, and what could be spent right after it; none of what costs nothing.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    reservationId: str | None
    balance: Decimal
    expiresAt: str | None
    charge: NotRequired[Charge5]


class ReusedKey(TypedDict):
    """
    The key that was used for something else.
    """

    idempotencyKey: str


class ServiceUse(TypedDict):
    """
    A use on behalf of a user; without an app it is that of the X-App-Id header.
    """

    amount: NotRequired[Decimal | str | None]
    items: NotRequired[list[Item] | None]
    expectedAmount: NotRequired[Decimal | str | None]
    description: str
    creditSource: NotRequired[CreditSource | None]
    idempotencyKey: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]
    userId: str
    appId: NotRequired[str | None]


class Shortage(TypedDict):
    """
    How much was needed and how much there is.
    """

    required: Decimal
    available: Decimal


class SizeLimit(TypedDict):
    """
    How large a body, or the head of a request, may be.
    """

    maxBytes: int


class Spending(TypedDict):
    """
    What a member has spent from the pool and may still spend; None is no limit.
    """

    spentToday: Decimal
    spentThisMonth: Decimal
    dailyLimit: Decimal | None
    monthlyLimit: Decimal | None
    dailyRemaining: Decimal | None
    monthlyRemaining: Decimal | None


class SpendingLimits(TypedDict):
    """
    How much a member may spend from the pool; None is no limit, 0 blocks.
    """

    dailyLimit: Decimal | None
    monthlyLimit: Decimal | None


class SpentBalance(TypedDict):
    """
    An account right after something was used.
    """

    balance: Decimal
    totalSpent: Decimal


class TakenBack(TypedDict):
    """
    What a cancelled gift gave back.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    refundedCredits: Decimal


class Throttled(TypedDict):
    """
    After how many seconds another try makes sense.
    """

    retryAfterSeconds: int


class Transaction(TypedDict):
    """
    A row of a user's ledger; `amount` is signed.
    """

    id: str
    userId: str
    type: Literal[
        "purchase",
        "usage",
        "refund",
        "gift",
        "guild_funding",
        "grant",
        "expiry",
        "clawback",
        "erasure",
    ]
    status: Literal["completed"]
    amount: Decimal
    balanceBefore: Decimal
    balanceAfter: Decimal
    appId: str | None
    description: str
    metadata: dict[str, Any] | None
    idempotencyKey: str | None
    guildId: str | None
    createdAt: str
    completedAt: str


class UnknownOperation(TypedDict):
    """
    The operation without a price.
    """

    operation: str


class UnknownPackage(TypedDict):
    """
    The package that is not sold.
    """

    packageId: str


class UnknownPool(TypedDict):
    """
    The guild that has no pool.
    """

    organizationId: str


class UnknownPurchase(TypedDict):
    """
    The purchase that the caller has not made.
    """

    purchaseId: str


class UnknownReservation(TypedDict):
    """
    The reservation that there is not.
    """

    reservationId: str


class UnknownTransaction(TypedDict):
    """
    The usage that the user has not made.
    """

    transactionId: str


class UserUse(TypedDict):
    """
    A use that a user asks for.
    """

    amount: NotRequired[Decimal | str | None]
    items: NotRequired[list[Item] | None]
    expectedAmount: NotRequired[Decimal | str | None]
    description: str
    creditSource: NotRequired[CreditSource | None]
    idempotencyKey: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]
    appId: str


class Account(TypedDict):
    """
    The whole balance row of a user.
    """

    userId: str
    balance: Decimal
    totalEarned: Decimal
    totalSpent: Decimal
    reserved: Decimal
    createdAt: str
    updatedAt: str


class ExpiringItem(TypedDict):
    amount: Decimal
    expiresAt: str


class Balance(TypedDict):
    """
    What a user owns; `expiring`, if any: `[{amount, expiresAt}]` of the 100 soonest dates.
    """

    balance: Decimal
    totalEarned: Decimal
    totalSpent: Decimal
    reserved: Decimal
    expiring: NotRequired[list[ExpiringItem] | None]


class BalanceOnly(TypedDict):
    """
    A balance right after a call.
    """

    balance: Decimal


class BegunPayment(TypedDict):
    """
    How to pay: a client secret for a PaymentIntent, or a page to go to; cents and credits.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    purchaseId: str
    clientSecret: NotRequired[str]
    checkoutUrl: NotRequired[str]
    amount: Decimal
    credits: Decimal


class CapReached(TypedDict):
    """
    Which cap of the calling service is reached, with its figures.
    """

    cap: str
    operation: NotRequired[str]
    appId: NotRequired[str | None]
    allowed: NotRequired[list[str]]
    limit: NotRequired[Decimal]
    spent: NotRequired[Decimal]
    requested: NotRequired[Decimal]
    resetsAt: NotRequired[str]


class CaptureReservation(TypedDict):
    """
    A part that is used, an amount or items; the rest stays set aside.
    """

    reservationId: str
    amount: NotRequired[Decimal | str | None]
    items: NotRequired[list[Item] | None]
    expectedAmount: NotRequired[Decimal | str | None]
    description: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]
    idempotencyKey: NotRequired[str | None]


class Charge(TypedDict):
    amount: Decimal
    pricedAt: NotRequired[str]
    uncollected: NotRequired[Decimal]
    lines: list[Line]


class Captured(TypedDict):
    """
    The ledger row of what was used, how much that is, and what is still set aside.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    transactionId: str | None
    captured: Decimal
    remaining: Decimal
    balance: Decimal
    late: NotRequired[bool]
    charge: NotRequired[Charge]


class ChangedPrice(TypedDict):
    """
    What was expected, and what it costs now.
    """

    expected: Decimal
    amount: Decimal
    lines: NotRequired[list[Line]]


class CommitReservation(TypedDict):
    """
    What is used, an amount or items; without either all that is set aside.

    Of more than that `overrun` says what becomes: `refuse`; `available`, what is there, and the
    rest is uncollected; or `debt`, as far as the caps of the service allow.
    """

    reservationId: str
    amount: NotRequired[Decimal | str | None]
    items: NotRequired[list[Item] | None]
    expectedAmount: NotRequired[Decimal | str | None]
    overrun: NotRequired[Literal["refuse", "available", "debt"]]
    description: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]


class Charge1(TypedDict):
    amount: Decimal
    pricedAt: NotRequired[str]
    uncollected: NotRequired[Decimal]
    lines: list[Line]


class Committed(TypedDict):
    """
    The ledger row of what was used, how much that is and how much of it is free.

    `late` says that the time was over, and that it was taken from what was there then;
    `uncollected` what was asked for beyond that and not there.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    transactionId: str | None
    committed: Decimal
    released: Decimal
    late: NotRequired[bool]
    uncollected: NotRequired[Decimal]
    charge: NotRequired[Charge1]


class CountedBalance(TypedDict):
    """
    What a user owns, and how many ledger rows there are; not counted for a past moment.
    """

    balance: Decimal
    totalEarned: Decimal
    totalSpent: Decimal
    reserved: Decimal
    expiring: NotRequired[list[ExpiringItem] | None]
    transactionsCount: NotRequired[int | None]


class FundAnswer(TypedDict):
    """
    Both sides of a funding; `transaction` is the funder's, `newBalance` the pool's.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    transaction: Transaction
    personalBalance: BalanceOnly
    poolBalance: FundedBalance
    newBalance: BalanceOnly


class GuildUse(TypedDict):
    """
    The answer to a use of a guild's credits; what costs nothing has no transaction.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    transaction: GuildTransaction | None
    newBalance: SpentBalance
    charge: NotRequired[Charge2]


class PersonalUse(TypedDict):
    """
    The answer to a use of one's own credits; what costs nothing has no transaction.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    transaction: Transaction | None
    newBalance: SpentBalance
    charge: NotRequired[Charge3]


class PoolUse(TypedDict):
    """
    The answer to a use of the pool; `newBalance` is the pool's.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    transaction: GuildTransaction | None
    newBalance: BalanceOnly
    charge: NotRequired[Charge4]


class RefundAnswer(TypedDict):
    """
    A refund and the balance after it.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    transaction: Transaction
    newBalance: BalanceOnly
