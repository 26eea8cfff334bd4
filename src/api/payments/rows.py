"""Rows about payments that the database's functions return and that never go out."""

from decimal import Decimal
from uuid import UUID

from api.database.rows import Row


class BegunPurchase(Row):
    """A purchase that waits for its payment; the price is in cents of its currency."""

    purchase_id: UUID
    package_name: str
    package_description: str
    credits: Decimal
    price_euro_cents: int
    currency: str
    stripe_customer_id: str | None
    stripe_price_id: str | None
    stripe_payment_intent_id: str | None
    stripe_checkout_session_id: str | None
    first_purchase_id: UUID
    replayed: bool


class PurchaseReference(Row):
    """The purchase that something is about, and its buyer."""

    user_id: str
    purchase_id: UUID


class KnownPurchase(PurchaseReference):
    """A purchase, how far it has come, and which payment it knows."""

    status: str
    stripe_payment_intent_id: str | None
    stripe_checkout_session_id: str | None


class FoundPurchase(KnownPurchase):
    """A purchase that a message is about, and how many reversals of it were noted."""

    reversals_version: int


class StripeCustomer(Row):
    """A Stripe customer that is still to be deleted there."""

    stripe_customer_id: str
