"""Fields read of Stripe's objects; none of them is trusted to be there."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

from api.http.parameters import is_id, parse_uuid
from api.payments.rows import PurchaseReference

_LARGEST_AMOUNT = 2**63 - 1

StripeObject = Mapping[str, Any]


class Handled(NamedTuple):
    """The outcome of a message from Stripe.

    Attributes:
        reference: The purchase that it was about.
        outcome: The database's result.
    """

    reference: PurchaseReference
    outcome: str


def reference_of(payment: StripeObject) -> PurchaseReference | None:
    """Return the purchase that an object's metadata name; None if it is not one of ours."""
    metadata = payment.get("metadata")
    if not isinstance(metadata, dict):
        return None
    user_id = word(metadata.get("userId"))
    purchase_id = parse_uuid(metadata.get("purchaseId"))
    if user_id is None or purchase_id is None:
        return None
    return PurchaseReference(user_id, purchase_id)


def metadata_of(reference: PurchaseReference) -> dict[str, str]:
    """Return the metadata by which `reference_of` finds a purchase again."""
    return {"userId": reference.user_id, "purchaseId": str(reference.purchase_id)}


def word(value: object) -> str | None:
    """Return a short plain text, None for anything else."""
    return value if isinstance(value, str) and is_id(value) else None


def is_amount(amount: object) -> TypeGuard[int]:
    """Return whether this is an amount of cents."""
    return type(amount) is int and 0 <= amount <= _LARGEST_AMOUNT
