"""Finds the purchase of a payment: the one that we noted, else the one that it names."""

from typing import Any, Final, NamedTuple

from api.database.client import Database
from api.payments.gateway import Gateway
from api.payments.objects import (
    FoundPurchase,
    Handled,
    PurchaseReference,
    StripeObject,
    reference_of,
    word,
)

ANOTHER_PAYMENT: Final = "another_payment"
"""The outcome of a payment that names a purchase which knows another one: nothing moves."""

UNKNOWN_PURCHASE: Final = "unknown_purchase"
"""The outcome of a payment that names a purchase which is not in this database."""


class PaymentClaim(NamedTuple):
    """A payment as Stripe tells it: its PaymentIntent, its Checkout Session, what they name."""

    intent_id: str | None
    session_id: str | None = None
    named: PurchaseReference | None = None


class NothingMovesError(Exception):
    """A payment that must not move anything; `handled` has the purchase that it names, and why."""

    def __init__(self, reference: PurchaseReference, outcome: str) -> None:
        super().__init__(outcome)
        self.handled = Handled(reference, outcome)


class Finder:
    """Finds purchases.

    Metadata can be edited, and be copied to another payment of the account. So the PaymentIntent or
    Checkout Session that we noted names the purchase of a payment. Metadata name it only where
    neither is known, and never a purchase that knows another payment.

    Attributes:
        gateway: Stripe, which is asked where that is not enough.
    """

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._database = database
        self.gateway = gateway

    async def find(self, payment: PaymentClaim) -> FoundPurchase | None:
        """Return the purchase of a payment, None if it is not ours.

        Raises:
            NothingMovesError: The purchase that it names is unknown, or knows another payment.
            ApiError: The database or Stripe could not be asked.
        """
        named = payment.named
        rows = await self._database.many(
            "credits.find_purchase",
            FoundPurchase,
            p_stripe_payment_intent_id=payment.intent_id,
            p_stripe_checkout_session_id=payment.session_id,
            p_user_id=named and named.user_id,
            p_purchase_id=named and named.purchase_id,
        )
        if not rows:
            if named is None:
                return None
            raise NothingMovesError(named, UNKNOWN_PURCHASE)
        purchase = rows[0]
        if len(rows) > 1 or not await self._is_of(payment, purchase):
            raise NothingMovesError(purchase, ANOTHER_PAYMENT)
        return purchase

    async def find_by_charge(self, charge: StripeObject) -> FoundPurchase | None:
        """Return the purchase that a charge, a refund or a dispute is about; None if not ours.

        Raises:
            NothingMovesError, ApiError: As `find`.
        """
        intent_id, named = intent_of(charge), reference_of(charge)
        expanded = charge.get("payment_intent")
        if isinstance(expanded, dict):
            named = reference_of(expanded)
        if intent_id is None:
            return None
        found = await self.find(PaymentClaim(intent_id, named=named))
        if found is None and not isinstance(expanded, dict):
            # A dispute has no metadata of ours, and a purchase made on a Checkout page does not
            # know its PaymentIntent before it is completed.
            intent = await self.gateway.payment_intent(intent_id)
            named = None if intent is None else reference_of(intent)
            if named is not None:
                found = await self.find(PaymentClaim(intent_id, named=named))
        return found

    async def tell(self, purchase: PurchaseReference, function: str, **news: Any) -> Handled:
        """Tell the database what became of a payment; it decides what follows."""
        outcome = await self._database.value(
            function,
            "outcome",
            p_user_id=purchase.user_id,
            p_purchase_id=purchase.purchase_id,
            **news,
        )
        return Handled(purchase, outcome)

    async def _is_of(self, payment: PaymentClaim, row: FoundPurchase) -> bool:
        """Return whether a purchase knows this payment, or no other."""
        intent_id, session_id = row.stripe_payment_intent_id, row.stripe_checkout_session_id
        same_intent = _agree(payment.intent_id, intent_id)
        same_session = _agree(payment.session_id, session_id)
        if same_intent is False or same_session is False:
            return False
        if same_intent or same_session or (intent_id is None and session_id is None):
            return True
        if session_id is None or payment.intent_id is None:
            return False
        # The page's PaymentIntent comes to be when somebody pays there: Stripe knows which it is.
        session = await self.gateway.checkout_session(session_id)
        return session is not None and intent_of(session) == payment.intent_id


def intent_of(item: StripeObject) -> str | None:
    """Return the id of the PaymentIntent within an object, which may be there as a whole."""
    intent = item.get("payment_intent")
    return word(intent.get("id") if isinstance(intent, dict) else intent)


def _agree(told: str | None, noted: str | None) -> bool | None:
    """Return whether two ids are the same; None if one is not known."""
    return None if told is None or noted is None else told == noted
