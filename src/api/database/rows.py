"""Rows that the database's functions return and routes answer with.

A Struct's fields are the columns to select. Rows that no route answers with are declared where
they are used.

Amounts are exact decimals of credits, moments are in UTC, `Raw` is JSON text.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Raw

from api.http.fields import LINES, Metadata, Moment, told

TRANSACTION_TYPES = (
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
)
FOUND_BY = (
    "account",
    "purchase",
    "gift",
    "transaction",
    "reservation",
    "action",
    "idempotencyKey",
    "requestId",
)
GIFT_TYPES = ("simple", "personalized", "split", "first_come", "riddle")

TransactionType = Annotated[str, told(enum=TRANSACTION_TYPES)]
GuildTransactionType = Annotated[str, told(enum=("funding", "usage", "refund", "grant"))]
PurchaseStatus = Annotated[
    str, told(enum=("pending", "processing", "completed", "failed", "cancelled"))
]
GiftType = Annotated[str, told(enum=GIFT_TYPES)]
GiftStatus = Annotated[str, told(enum=("active", "depleted", "expired", "cancelled", "refunded"))]

Expiring = Annotated[
    Raw,
    told(
        type="array",
        items={
            "type": "object",
            "properties": {
                "amount": {"$ref": "#/components/schemas/Credits"},
                "expiresAt": {"type": "string", "format": "date-time"},
            },
            "required": ["amount", "expiresAt"],
        },
    ),
]


# A few rows of a kind, in the database's own words.
Rows = Annotated[Raw, told(type="array", items={"type": "object"})]

# Of parts of a credit, so it has more digits than an amount.
UnitPrice = Annotated[
    Decimal, told(description="An exact number of credits with up to 12 digits after the point.")
]

# The charge of a movement by items, as the database writes it.
Charge = Annotated[
    Raw,
    told(
        type="object",
        properties={
            "amount": {"$ref": "#/components/schemas/Credits"},
            "pricedAt": {"type": "string", "format": "date-time"},
            "uncollected": {"$ref": "#/components/schemas/Credits"},
            "lines": LINES,
        },
        required=["amount", "lines"],
    ),
]


class Row(msgspec.Struct, rename="camel"):
    """A row; where it goes out as it is, its fields are written in camel case."""


class Balance(Row, omit_defaults=True):
    """The balance of a user; `expiring`, if any: `[{amount, expiresAt}]` of the 100 soonest dates.

    `frozen` is there, and true, while nothing goes out of the account.
    """

    balance: Decimal
    total_earned: Decimal
    total_spent: Decimal
    reserved: Decimal
    expiring: Expiring | None = None
    frozen: bool = False


class CountedBalance(Balance, omit_defaults=True):
    """The balance of a user, and the number of ledger rows; not counted for a past moment."""

    transactions_count: int | None = None


class Account(Row, omit_defaults=True):
    """The whole balance row of a user; `frozen` only while nothing goes out of it."""

    user_id: str
    balance: Decimal
    total_earned: Decimal
    total_spent: Decimal
    reserved: Decimal
    created_at: Moment
    updated_at: Moment
    frozen: bool = False


class Transaction(Row):
    """A row of a user's ledger; `amount` is signed."""

    id: UUID
    user_id: str
    type: TransactionType
    status: Annotated[str, told(enum=("completed",))]
    amount: Decimal
    balance_before: Decimal
    balance_after: Decimal
    app_id: str | None
    description: str
    metadata: Metadata
    idempotency_key: str | None
    guild_id: str | None
    created_at: Moment
    completed_at: Moment


class GuildTransaction(Row):
    """A row of a guild pool's ledger; `amount` is signed. One without a member opened the pool."""

    id: UUID
    organization_id: str
    user_id: str | None
    type: GuildTransactionType
    amount: Decimal
    balance_before: Decimal
    balance_after: Decimal
    app_id: str | None
    description: str
    metadata: Metadata
    idempotency_key: str | None
    created_at: Moment


class ReservationState(Row, omit_defaults=True):
    """A reservation; a guild's names the guild, and that of an erased person nobody."""

    reservation_id: UUID
    user_id: str | None
    app_id: str
    reserved: Decimal
    captured: Decimal
    remaining: Decimal
    expires_at: Moment
    status: Annotated[str, told(enum=("held", "committed", "released", "expired"))]
    guild_id: str | None = None


class Price(Row):
    """The price of an operation: max(minimum, ceil(quantity / step) * step / per * unitPrice)."""

    operation: str
    app_id: str | None
    unit: str
    unit_price: UnitPrice
    per: Decimal
    step: Decimal
    minimum: Decimal
    name: str
    description: str
    category: str | None
    valid_from: Moment


class ListedPrice(Row):
    """A price, and what one unit costs."""

    price: Price
    cost: Decimal


class OperationUsage(Row):
    """The use of one operation in one app by a user."""

    operation: str
    app_id: str
    unit: str
    quantity: Decimal
    credits_used: Decimal
    transactions_count: int


class Erasure(Row, omit_defaults=True):
    """The result of an erasure: rows rewritten or removed, and what was given up."""

    deleted_count: int
    forfeited_credits: Decimal
    cancelled_gifts: int
    released_reservations: int
    pending: bool = False


class DailyUsage(Row):
    """The use of one app on one UTC day by a user."""

    date: date
    app_id: str
    credits_used: Decimal
    transactions_count: int


class PoolBalance(Row):
    """The balance of a guild's pool."""

    balance: Decimal
    total_funded: Decimal
    total_spent: Decimal


class Pool(PoolBalance):
    """The whole row of a guild's pool."""

    organization_id: str
    reserved: Decimal
    created_at: Moment
    updated_at: Moment


class GuildLimits(Row):
    """Limits of what members may spend from the pool; None is no limit, 0 blocks."""

    daily_limit: Decimal | None
    weekly_limit: Decimal | None
    monthly_limit: Decimal | None


class SpendingLimits(GuildLimits):
    """Limits of a member in the pool; None leaves it to the limits for all members.

    `unlimited`: no limit holds. `until`: they end by themselves, and those before hold again.
    """

    unlimited: bool
    until: Moment | None


class LowBalanceAlert(Row):
    """At what balance consumers are told; None is never. `is_low` says that it is that low now."""

    low_balance_at: Decimal | None
    is_low: bool


class SpentLimits(GuildLimits):
    """Limits, and what was spent already in their windows; None is no limit."""

    spent_today: Decimal
    spent_this_week: Decimal
    spent_this_month: Decimal


class Spending(SpentLimits):
    """Amounts that a member has spent from the pool and may still spend; None is no limit."""

    daily_remaining: Decimal | None
    weekly_remaining: Decimal | None
    monthly_remaining: Decimal | None


class SpendingLimitsOfOne(SpentLimits):
    """A person's own limits, in one app or (without `appId`) in all, and what counts already."""

    app_id: str | None


class ServiceKeyListed(Row):
    """A service key, for people in support; number 0 are those of the environment of its name."""

    name: str
    number: int
    reason: str | None
    created_at: Moment | None
    used_on: date | None
    revoked_at: Moment | None
    revoked_reason: str | None


class Found(Row):
    """An account that was found, and by what."""

    account_id: str
    kind: Annotated[str, told(enum=("person", "pool"))]
    found_by: Annotated[str, told(enum=FOUND_BY)]
    subject_id: str


class DeskAccount(Row):
    """A person's account, for people in support."""

    user_id: str
    balance: Decimal
    total_earned: Decimal
    total_spent: Decimal
    reserved: Decimal
    debt: Decimal
    frozen: bool
    frozen_at: Moment | None
    frozen_reason: str | None
    created_at: Moment | None
    holds: Rows
    lots: Rows
    entries: Rows


class DatedPrice(Price):
    """A price of any time; one that is not active withdraws the operation."""

    active: bool
    sort_order: int


class Package(Row):
    """A package that can be bought; the price is in euro cents."""

    id: UUID
    name: str
    description: str
    credits: Decimal
    price_euro_cents: int
    stripe_price_id: str | None
    active: bool
    sort_order: int
    metadata: Metadata


class Purchase(Row):
    """A purchase as its buyer sees it; the price is in euro cents."""

    id: UUID
    package_id: UUID
    credits: Decimal
    price_euro_cents: int
    currency: str
    status: PurchaseStatus
    stripe_payment_intent_id: str | None
    created_at: Moment
    completed_at: Moment | None
    refunded_cents: int
    clawed_back_credits: Decimal


class Gift(Row):
    """A gift as anyone who has its code sees it."""

    code: str
    type: GiftType
    status: GiftStatus
    total_credits: Decimal
    credits_per_portion: Decimal
    total_portions: int
    claimed_portions: int
    remaining_portions: int
    redeemed: bool
    has_riddle: bool
    riddle_question: str | None
    is_personalized: bool
    message: str | None
    creator_name: str | None
    expires_at: Moment


class ReceivedGift(Row):
    """A portion of a gift in its receiver's list."""

    id: UUID
    gift_code_id: UUID
    code: str
    credits: Decimal
    credits_received: Decimal
    portion_number: int
    message: str | None
    creator_name: str | None
    redeemed_at: Moment
    created_at: Moment
    status: Annotated[str, told(enum=("success",))]
