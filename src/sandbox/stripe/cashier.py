"""Acts of a customer: pay, be declined, or pay by a debit that is settled later."""

from __future__ import annotations

from sandbox.stripe.checkout import Checkout
from sandbox.stripe.errors import missing
from sandbox.stripe.payments import Payments
from sandbox.stripe.store import Json, Store


class Cashier:
    """Takes payments for the id of a Checkout Session or of a PaymentIntent."""

    def __init__(self, store: Store, payments: Payments, checkout: Checkout) -> None:
        self._store = store
        self._payments = payments
        self._checkout = checkout

    def pay(self, object_id: str) -> None:
        """Let the payment succeed, or a debit that is in processing."""
        self._end(object_id, succeeded=True)

    def decline(self, object_id: str) -> None:
        """Let the payment fail, or a debit that is in processing."""
        self._end(object_id, succeeded=False)

    def debit(self, object_id: str) -> None:
        """Begin a payment by bank debit; `pay` or `decline` settles it."""
        session, intent = self._what(object_id)
        if session is not None:
            self._checkout.debit(session)
        elif intent is not None:
            self._payments.process(intent)

    def _end(self, object_id: str, *, succeeded: bool) -> None:
        session, intent = self._what(object_id)
        if intent is not None and (session is None or intent["status"] == "processing"):
            (self._payments.succeed if succeeded else self._payments.decline)(intent)
            if session is not None:
                self._checkout.settled(session, succeeded=succeeded)
        elif session is not None:
            (self._checkout.pay if succeeded else self._checkout.decline)(session)

    def _what(self, object_id: str) -> tuple[Json | None, Json | None]:
        """Return the session and the PaymentIntent that an id stands for; one may be missing."""
        item = self._store.find(object_id)
        if item is not None and item["object"] == "checkout.session":
            return item, self._store.find(item["payment_intent"] or "")
        if item is not None and item["object"] == "payment_intent":
            return self._checkout.of(item), item
        raise missing("payment", object_id, "id")
