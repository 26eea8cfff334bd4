"""Fields of Stripe's objects, none of which is trusted to be there; our rows about them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeGuard
from uuid import UUID

from api.database.rows import Row
from api.http.fields import UUID_PATTERN
from api.http.parameters import is_id

_LARGEST_AMOUNT = 2**63 - 1

StripeObject = Mapping[str, Any]


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


class Handled(NamedTuple):
    """The purchase that a message from Stripe was about, and what the database made of it."""

    reference: PurchaseReference
    outcome: str


def reference_of(payment: StripeObject) -> PurchaseReference | None:
    """Return the purchase that an object's metadata name; None if it is not one of ours."""
    metadata = payment.get("metadata")
    if not isinstance(metadata, dict):
        return None
    user_id = word(metadata.get("userId"))
    purchase_id = word(metadata.get("purchaseId"))
    if user_id is None or purchase_id is None or not re.match(UUID_PATTERN, purchase_id):
        return None
    return PurchaseReference(user_id, UUID(purchase_id))


def metadata_of(reference: PurchaseReference) -> dict[str, str]:
    """Return the metadata by which `reference_of` finds a purchase again."""
    return {"userId": reference.user_id, "purchaseId": str(reference.purchase_id)}


def word(value: object) -> str | None:
    """Return a short plain text, None for anything else."""
    return value if isinstance(value, str) and is_id(value) else None


def is_amount(amount: object) -> TypeGuard[int]:
    """Return whether this is an amount of cents."""
    return type(amount) is int and 0 <= amount <= _LARGEST_AMOUNT
