# Written by `make clients` from the OpenAPI document: change nothing here.

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class Buy(TypedDict):
    """
    A package to buy; with both URLs on a page of Stripe's, without them on the client's own.
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
    The source of credits: one's own (`personal`) or those of a `guild`.
    """

    type: Literal["personal", "guild"]
    guildId: NotRequired[str | None]


Credits: TypeAlias = Decimal


class DailyUsage(TypedDict):
    """
    The use of one app on one UTC day by a user.
    """

    date: str
    appId: str
    creditsUsed: Decimal
    transactionsCount: int


class DatedPrice(TypedDict):
    """
    A price of any time; one that is not active withdraws the operation.
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
    active: bool
    sortOrder: int


class DeskGrant(TypedDict):
    """
    A grant, and the text that the person reads; until when, if not for good.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    amount: Decimal | str
    description: NotRequired[str | None]
    expiresAt: NotRequired[str | None]


class DeskRefund(TypedDict):
    """
    The part of a usage that goes back, by default all that is left of it.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    amount: NotRequired[Decimal | str | None]
    description: NotRequired[str | None]


class DeskTaking(TypedDict):
    """
    Credits to take from a person, and the text that the person reads.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    amount: Decimal | str
    description: NotRequired[str | None]


class EndedReservation(TypedDict):
    """
    The reservation, and how it ended.
    """

    reservationId: str
    status: str


class Ends(TypedDict):
    """
    The beginnings of the next day, ISO week and month.
    """

    daily: str
    weekly: str
    monthly: str


class Erasure(TypedDict):
    """
    The result of an erasure: rows rewritten or removed, and what was given up.
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


class ExtendReservation(TypedDict):
    """
    The seconds that a reservation is to last from now on.
    """

    reservationId: str
    expiresInSeconds: int


class Extended(TypedDict):
    """
    A reservation, and when it ends now.
    """

    reservationId: str
    expiresAt: str


class Found(TypedDict):
    """
    An account that was found, and by what.
    """

    accountId: str
    kind: Literal["person", "pool"]
    foundBy: Literal[
        "account",
        "purchase",
        "gift",
        "transaction",
        "reservation",
        "action",
        "idempotencyKey",
        "requestId",
    ]
    subjectId: str


class FullBalance(TypedDict):
    """
    The balance, and the amount that would have been added.
    """

    balance: Decimal
    amount: Decimal


class Fund(TypedDict):
    """
    The amount of one's own that goes into the pool.
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
    The state that the gift is in.
    """

    status: str


class GiftGiven(TypedDict):
    """
    A gift that a person made; its code is money to whoever has it, and not told.
    """

    id: str
    type: Literal["simple", "personalized", "split", "first_come", "riddle"]
    status: Literal["active", "depleted", "expired", "cancelled", "refunded"]
    totalCredits: Decimal
    totalPortions: int
    claimedPortions: int
    message: str | None
    expiresAt: str
    createdAt: str


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


class GiftTaken(TypedDict):
    """
    A portion of a gift that a person redeemed.
    """

    id: str
    giftCodeId: str
    creditsReceived: Decimal
    portionNumber: int
    creatorName: str | None
    redeemedAt: str


class Give(TypedDict):
    """
    A gift to be made: amount, receiver, kind; some fields go by two names.
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
    Credits to grant, once for each reference; with a date they expire.
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


class GuildLimits(TypedDict):
    """
    Limits of what members may spend from the pool; None is no limit, 0 blocks.
    """

    dailyLimit: Decimal | None
    weeklyLimit: Decimal | None
    monthlyLimit: Decimal | None


class GuildTransaction(TypedDict):
    """
    A row of a guild pool's ledger; `amount` is signed. One without a member opened the pool.
    """

    id: str
    organizationId: str
    userId: str | None
    type: Literal["funding", "usage", "refund", "grant"]
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
    The user whose account is opened.
    """

    userId: str


class InitPool(TypedDict):
    """
    The guild whose pool is opened.
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
    The balance to alert at; null takes the alert away.
    """

    lowBalanceAt: Decimal | str | None


class NewLimits(TypedDict):
    """
    New limits: an absent one stays as it is, null removes it, 0 blocks.
    """

    dailyLimit: NotRequired[Decimal | str | None]
    weeklyLimit: NotRequired[Decimal | str | None]
    monthlyLimit: NotRequired[Decimal | str | None]


class NewMemberLimits(TypedDict):
    """
    New limits of a member: as they are for all members, without any, or for a while.
    """

    dailyLimit: NotRequired[Decimal | str | None]
    weeklyLimit: NotRequired[Decimal | str | None]
    monthlyLimit: NotRequired[Decimal | str | None]
    unlimited: NotRequired[bool | None]
    until: NotRequired[str | None]


class NewPackage(TypedDict):
    """
    A package to be sold.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    name: str
    description: NotRequired[str | None]
    credits: Decimal | str
    priceEuroCents: int
    stripePriceId: NotRequired[str | None]
    active: NotRequired[bool | None]
    sortOrder: NotRequired[int | None]
    metadata: NotRequired[dict[str, Any] | None]


class NewPrice(TypedDict):
    """
    A price from a moment on, by default now; what is not named stays.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    operation: str
    unitPrice: NotRequired[Decimal | str | None]
    validFrom: NotRequired[str | None]
    appId: NotRequired[str | None]
    unit: NotRequired[str | None]
    per: NotRequired[Decimal | str | None]
    step: NotRequired[Decimal | str | None]
    minimum: NotRequired[Decimal | str | None]
    name: NotRequired[str | None]
    description: NotRequired[str | None]
    category: NotRequired[str | None]
    sortOrder: NotRequired[int | None]
    active: NotRequired[bool | None]


class NewServiceKey(TypedDict):
    """
    The service that a key is made for: who calls with it, for caps and logs.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    name: str


class NewWindows(TypedDict):
    """
    New limits by window: an absent one stays as it is, null removes it, 0 blocks.
    """

    daily: NotRequired[Decimal | str | None]
    weekly: NotRequired[Decimal | str | None]
    monthly: NotRequired[Decimal | str | None]


class OperationUsage(TypedDict):
    """
    The use of one operation in one app by a user.
    """

    operation: str
    appId: str
    unit: str
    quantity: Decimal
    creditsUsed: Decimal
    transactionsCount: int


class OverRefund(TypedDict):
    """
    The amount asked back, and the one that is left to refund.
    """

    requested: Decimal
    refundable: Decimal


class OverReserved(TypedDict):
    """
    The amount to be used, and the one that was set aside.
    """

    requested: Decimal
    reserved: Decimal


class Package(TypedDict):
    """
    A package that can be bought; the price is in euro cents.
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


class PackageChange(TypedDict):
    """
    A change of a package; what is not named stays. An empty stripePriceId removes it.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    name: NotRequired[str | None]
    description: NotRequired[str | None]
    credits: NotRequired[Decimal | str | None]
    priceEuroCents: NotRequired[int | None]
    stripePriceId: NotRequired[str | None]
    active: NotRequired[bool | None]
    sortOrder: NotRequired[int | None]
    metadata: NotRequired[dict[str, Any] | None]


class PendingAnswer(TypedDict):
    """
    Gifts received, counted under two names, their credits, and whether more wait.
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

    balance: Decimal
    totalFunded: Decimal
    totalSpent: Decimal
    organizationId: str
    reserved: Decimal
    createdAt: str
    updatedAt: str


class PoolBalance(TypedDict):
    """
    The balance of a guild's pool.
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
    The price of an operation: max(minimum, ceil(quantity / step) * step / per * unitPrice).
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
    The price of one unit of each operation, and since when the newest of these prices holds.
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
    The charge, and whether a debit of it would pass.
    """

    allowed: bool
    refusal: NotRequired[str]
    message: NotRequired[str]
    details: NotRequired[Any]
    passesAt: NotRequired[str]
    amount: Decimal
    lines: list[Line]


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
    A redemption; the answer to the riddle goes by two names.
    """

    riddleAnswer: NotRequired[str | None]
    answer: NotRequired[str | None]
    sourceAppId: NotRequired[str | None]
    idempotencyKey: NotRequired[str | None]


class RedeemPending(TypedDict):
    """
    A user who has registered, and their address.
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
    Credits to give back to a user, and the usage that they are from, if it is known.
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
    A reservation to free.
    """

    reservationId: str


class Released(TypedDict):
    """
    The balance right after.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    balance: Decimal


class ReservationState(TypedDict):
    """
    A reservation; a guild's names the guild, and that of an erased person nobody.
    """

    reservationId: str
    userId: str | None
    appId: str
    reserved: Decimal
    captured: Decimal
    remaining: Decimal
    expiresAt: str
    status: Literal["held", "committed", "released", "expired"]
    guildId: NotRequired[str | None]


class Reserve(TypedDict):
    """
    Credits to set aside, of a user's own or of a guild's, and for how long.

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


class ServiceKeyEnd(TypedDict):
    """
    The key of a service to revoke; without a number all of them.

    Those of the environment are number 0.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]
    number: NotRequired[int | None]


class ServiceKeyListed(TypedDict):
    """
    A service key, for people in support; number 0 are those of the environment of its name.
    """

    name: str
    number: int
    reason: str | None
    createdAt: str | None
    usedOn: str | None
    revokedAt: str | None
    revokedReason: str | None


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
    The amount that was needed, and the one that there is; of a debt the cap that bounds it.
    """

    required: Decimal
    available: Decimal
    cap: NotRequired[Literal["max_overrun"]]
    limit: NotRequired[Decimal]


class SizeLimit(TypedDict):
    """
    The most bytes that a body, or the head of a request, may have.
    """

    maxBytes: int


class Spending(TypedDict):
    """
    Amounts that a member has spent from the pool and may still spend; None is no limit.
    """

    dailyLimit: Decimal | None
    weeklyLimit: Decimal | None
    monthlyLimit: Decimal | None
    spentToday: Decimal
    spentThisWeek: Decimal
    spentThisMonth: Decimal
    dailyRemaining: Decimal | None
    weeklyRemaining: Decimal | None
    monthlyRemaining: Decimal | None


class SpendingLimits(TypedDict):
    """
    Limits of a member in the pool; None leaves it to the limits for all members.

    `unlimited`: no limit holds. `until`: they end by themselves, and those before hold again.
    """

    dailyLimit: Decimal | None
    weeklyLimit: Decimal | None
    monthlyLimit: Decimal | None
    unlimited: bool
    until: str | None


class SpendingLimitsOfOne(TypedDict):
    """
    A person's own limits, in one app or (without `appId`) in all, and what counts already.
    """

    dailyLimit: Decimal | None
    weeklyLimit: Decimal | None
    monthlyLimit: Decimal | None
    spentToday: Decimal
    spentThisWeek: Decimal
    spentThisMonth: Decimal
    appId: str | None


class SpentBalance(TypedDict):
    """
    An account right after something was used.
    """

    balance: Decimal
    totalSpent: Decimal


class TakenBack(TypedDict):
    """
    The credits that a cancelled gift gave back.
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
        "adjustment",
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


class Verdict(TypedDict):
    """
    Whether a debit would pass; `refusal` is the code that it would be refused with.

    `message` and `details` are those of that refusal. `passesAt` is the earliest time at which the
    debit would pass as things stand; it is left out when time alone does not help.
    """

    allowed: bool
    refusal: NotRequired[str]
    message: NotRequired[str]
    details: NotRequired[Any]
    passesAt: NotRequired[str]


class Why(TypedDict):
    """
    The reason of an act of support; the key says which act it is.
    """

    reason: str
    idempotencyKey: NotRequired[str | None]


class Windows(TypedDict):
    """
    Credits by window; of limits, and of what they leave, null where there is none.
    """

    daily: Decimal | None
    weekly: Decimal | None
    monthly: Decimal | None


class Account(TypedDict):
    """
    The whole balance row of a user; `frozen` only while nothing goes out of it.
    """

    userId: str
    balance: Decimal
    totalEarned: Decimal
    totalSpent: Decimal
    reserved: Decimal
    createdAt: str
    updatedAt: str
    frozen: NotRequired[bool]


class Act(TypedDict):
    """
    An act of support.

    `subjectId` is the usage, hold, gift, package or operation that it was about. `transactionId` is
    the ledger row that it wrote, `balance` what the person could spend right after. Of a package or
    a price, which are nobody's, `before` and `after` say what it was and is.
    """

    id: str
    admin: str
    userId: str | None
    action: str
    subjectId: str | None
    amount: Decimal | None
    reason: str
    transactionId: str | None
    balance: Decimal | None
    before: Any
    after: Any
    idempotencyKey: str | None
    requestId: str | None
    createdAt: str


class ExpiringItem(TypedDict):
    amount: Decimal
    expiresAt: str


class Balance(TypedDict):
    """
    The balance of a user; `expiring`, if any: `[{amount, expiresAt}]` of the 100 soonest dates.

    `frozen` is there, and true, while nothing goes out of the account.
    """

    balance: Decimal
    totalEarned: Decimal
    totalSpent: Decimal
    reserved: Decimal
    expiring: NotRequired[list[ExpiringItem] | None]
    frozen: NotRequired[bool]


class BalanceOnly(TypedDict):
    """
    A balance right after a call.
    """

    balance: Decimal


class BegunPayment(TypedDict):
    """
    A purchase to pay, by a PaymentIntent's client secret or on a page; cents and credits.
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
    The cap of the calling service that is reached, with its figures.
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
    The ledger row of what was used, how much that is, and what can still be captured of it.
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
    The expected charge, and the present one.
    """

    expected: Decimal
    amount: Decimal
    lines: NotRequired[list[Line]]


class CommitReservation(TypedDict):
    """
    The use of a reservation, an amount or items; without either all that is set aside.

    `overrun` decides about more than that. `refuse` refuses it, `available` takes what is there and
    leaves the rest uncollected, `debt` takes it as far as the caps of the service allow.
    """

    reservationId: str
    amount: NotRequired[Decimal | str | None]
    items: NotRequired[list[Item] | None]
    expectedAmount: NotRequired[Decimal | str | None]
    overrun: NotRequired[Literal["refuse", "available", "debt"] | None]
    description: NotRequired[str | None]
    metadata: NotRequired[dict[str, Any] | None]


class Charge1(TypedDict):
    amount: Decimal
    pricedAt: NotRequired[str]
    uncollected: NotRequired[Decimal]
    lines: list[Line]


class Committed(TypedDict):
    """
    The ledger row of what was used, how much that is, and what was set aside and is free now.

    `late` says that the time was over, and that it was taken from what was there then. What was
    set aside was free before, so `released` is 0.
    `uncollected` is what was asked for beyond that and not there.
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
    The balance of a user, and the number of ledger rows; not counted for a past moment.
    """

    balance: Decimal
    totalEarned: Decimal
    totalSpent: Decimal
    reserved: Decimal
    expiring: NotRequired[list[ExpiringItem] | None]
    frozen: NotRequired[bool]
    transactionsCount: NotRequired[int | None]


class Done(TypedDict):
    """
    An act just done, or by an earlier call with the same key.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    action: Act


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


class KeyMade(TypedDict):
    """
    A key just made; it is shown this once, and not in a repetition.
    """

    message: NotRequired[str]
    replayed: NotRequired[Literal[True]]
    success: bool
    action: Act
    serviceKey: str | None


class Limits(TypedDict):
    """
    Limits, what was spent or is held in their windows, and what they leave.
    """

    daily: Decimal | None
    weekly: Decimal | None
    monthly: Decimal | None
    spent: Windows
    remaining: Windows
    resetsAt: Ends


class NewOwnLimits(TypedDict):
    """
    New limits of all apps together, and of single ones.

    An app's null removes all of its, and that of perApp those of all apps.
    """

    daily: NotRequired[Decimal | str | None]
    weekly: NotRequired[Decimal | str | None]
    monthly: NotRequired[Decimal | str | None]
    perApp: NotRequired[dict[str, NewWindows | None] | None]


class OwnLimits(TypedDict):
    """
    Limits of all apps together, and of single ones.
    """

    daily: Decimal | None
    weekly: Decimal | None
    monthly: Decimal | None
    spent: Windows
    remaining: Windows
    resetsAt: Ends
    perApp: dict[str, Limits]


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


class Story(TypedDict):
    """
    A person's account, and the newest of all that concerns it.
    """

    userId: str
    balance: Decimal
    totalEarned: Decimal
    totalSpent: Decimal
    reserved: Decimal
    debt: Decimal
    frozen: bool
    frozenAt: str | None
    frozenReason: str | None
    createdAt: str | None
    holds: list[dict[str, Any]]
    lots: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    limits: list[SpendingLimitsOfOne]
    purchases: list[Purchase]
    giftsGiven: list[GiftGiven]
    giftsTaken: list[GiftTaken]
    actions: list[Act]
