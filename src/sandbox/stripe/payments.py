"""Customers, PaymentIntents, charges, refunds and disputes: their states and what moves them."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.errors import ApiError, missing, wrong_state
from sandbox.stripe.params import Params, chargeable
from sandbox.stripe.store import Json, Store, now, random_id
from sandbox.stripe.webhooks import Webhooks

_PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_INQUIRY = "warning_needs_response"
_DECLINE = {
    "code": "card_declined",
    "decline_code": "generic_decline",
    "message": "Your card was declined.",
    "type": "card_error",
}


class Payments:
    """The state of all money that has moved or is to move, and what changes it."""

    def __init__(self, store: Store, webhooks: Webhooks) -> None:
        self._store = store
        self._emit = webhooks.emit

    # Customers

    def create_customer(self, params: Params) -> Json:
        """Create a customer."""
        customer = self._store.add(
            "customer",
            "cus_",
            email=params.text("email"),
            name=params.text("name"),
            description=params.text("description"),
            metadata=params.metadata(),
        )
        self._emit("customer.created", customer)
        return customer

    def delete_customer(self, customer: Json, _params: Params) -> Json:
        """Delete a customer: from now on its id is unknown."""
        self._store.remove(customer)
        self._emit("customer.deleted", customer)
        return {"id": customer["id"], "object": "customer", "deleted": True}

    # PaymentIntents

    def create_intent(self, params: Params) -> Json:
        """Create a PaymentIntent."""
        amount = chargeable(params.needed_integer("amount"))
        currency = params.currency()
        customer = self._store.referred("customer", params, "customer")
        return self.add_intent(
            amount,
            currency,
            customer=customer and customer["id"],
            description=params.text("description"),
            metadata=params.metadata(),
        )

    def add_intent(self, amount: int, currency: str, **fields: Any) -> Json:
        """Create a PaymentIntent over `amount` cents."""
        intent = self._store.add(
            "payment_intent",
            "pi_",
            amount=amount,
            amount_received=0,
            currency=currency,
            status="requires_payment_method",
            canceled_at=None,
            cancellation_reason=None,
            last_payment_error=None,
            latest_charge=None,
            payment_method=None,
            **fields,
        )
        intent["client_secret"] = f"{intent['id']}_{random_id('secret_')}"
        self._emit("payment_intent.created", intent)
        return intent

    def update_intent(self, intent: Json, params: Params) -> Json:
        """Change the metadata; an empty value removes its key."""
        merged = {**intent["metadata"], **params.metadata()}
        intent["metadata"] = {key: value for key, value in merged.items() if value}
        return intent

    def cancel(self, intent: Json, reason: str | None = None) -> Json:
        """Cancel a PaymentIntent that has not been paid."""
        _need_state(intent, _PAYABLE, "cancel")
        intent.update(status="canceled", canceled_at=now(), cancellation_reason=reason)
        self._emit("payment_intent.canceled", intent)
        return intent

    def succeed(self, intent: Json) -> Json:
        """Let the payment succeed."""
        _need_state(intent, (*_PAYABLE, "processing"), "pay")
        intent["payment_method"] = intent["payment_method"] or random_id("pm_")
        charge = self._charge(intent, "succeeded")
        intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
        self._emit("charge.succeeded", charge)
        self._emit("payment_intent.succeeded", intent)
        return intent

    def decline(self, intent: Json) -> Json:
        """Let the payment fail; it may be tried again."""
        _need_state(intent, (*_PAYABLE, "processing"), "pay")
        charge = self._charge(intent, "failed")
        charge.update(
            failure_code=_DECLINE["code"], failure_message=_DECLINE["message"], paid=False
        )
        intent.update(
            status="requires_payment_method",
            payment_method=None,
            last_payment_error={**_DECLINE, "charge": charge["id"]},
        )
        self._emit("charge.failed", charge)
        self._emit("payment_intent.payment_failed", intent)
        return intent

    def process(self, intent: Json) -> Json:
        """Begin a payment whose outcome comes later, by `succeed` or `decline`."""
        _need_state(intent, _PAYABLE, "pay")
        intent["payment_method"] = intent["payment_method"] or random_id("pm_")
        charge = self._charge(intent, "pending")
        intent["status"] = "processing"
        self._emit("charge.pending", charge)
        self._emit("payment_intent.processing", intent)
        return intent

    def _charge(self, intent: Json, status: str) -> Json:
        """Return the charge of an attempt to pay: the pending one, or a new one."""
        latest = intent["latest_charge"]
        charge = latest and self._store.get("charge", latest)
        if charge is None or charge["status"] != "pending":
            charge = self._store.add(
                "charge",
                "ch_",
                amount=intent["amount"],
                amount_refunded=0,
                currency=intent["currency"],
                customer=intent["customer"],
                description=intent["description"],
                disputed=False,
                failure_code=None,
                failure_message=None,
                metadata=dict(intent["metadata"]),
                payment_intent=intent["id"],
                payment_method=intent["payment_method"],
                refunded=False,
            )
            intent["latest_charge"] = charge["id"]
        paid = status == "succeeded"
        charge.update(status=status, paid=paid, captured=paid)
        charge["amount_captured"] = charge["amount"] if paid else 0
        return charge

    # Refunds

    def refund(self, params: Params) -> Json:
        """Give back what is left of a charge, or a part of it."""
        charge = self.charge_of(params.text("charge") or params.text("payment_intent"), "charge")
        left = charge["amount"] - charge["amount_refunded"]
        amount = params.integer("amount")
        amount = left if amount is None else amount
        metadata = params.metadata()
        if charge["disputed"]:
            raise ApiError("The charge has been charged back.", code="charge_disputed")
        if left == 0:
            raise ApiError("The charge is already refunded.", code="charge_already_refunded")
        if not 1 <= amount <= left:
            raise ApiError(f"The amount must be 1 to the unrefunded {left}.", param="amount")
        refund = self._store.add(
            "refund",
            "re_",
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            metadata=metadata,
            payment_intent=charge["payment_intent"],
            status="succeeded",
        )
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self._emit("refund.created", refund)
        self._emit("charge.refunded", charge)
        return refund

    def fail_refund(self, refund: Json, params: Params) -> Json:
        """Let a refund fail, or be cancelled, after it was reported: the money is back."""
        status = params.choice("status", ("failed", "canceled")) or "failed"
        if refund["status"] in ("failed", "canceled"):
            raise ApiError("The refund has failed already.")
        refund["status"] = status
        charge = self._store.get("charge", refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        self._emit("refund.updated", refund)
        if status == "failed":
            self._emit("refund.failed", refund)
        self._emit("charge.refund.updated", refund)
        return refund

    def charge_of(self, object_id: str | None, param: str) -> Json:
        """Return the paid charge of an id, be it a charge's own or its PaymentIntent's.

        Raises ApiError if there is none.
        """
        if object_id is None:
            raise ApiError(f"Missing required param: {param}.", param=param)
        item = self._store.find(object_id)
        if item is not None and item["object"] == "payment_intent":
            item = item["latest_charge"] and self._store.find(item["latest_charge"])
        if item is None or item["object"] != "charge":
            raise missing("charge", object_id, param, status=400)
        if not item["paid"]:
            raise ApiError("The charge was not paid.", param=param)
        return item

    # Disputes

    def open_dispute(self, params: Params) -> Json:
        """Let a cardholder dispute a paid charge, all of it or `amount` cents.

        With a `status` it begins as an inquiry, or was prevented: then no money is taken.
        """
        charge = self.charge_of(params.text("charge") or params.text("payment_intent"), "charge")
        amount = params.integer("amount")
        amount = charge["amount"] if amount is None else amount
        if not 1 <= amount <= charge["amount"]:
            raise ApiError(f"The amount must be 1 to {charge['amount']}.", param="amount")
        if charge["disputed"]:
            raise ApiError("The charge is disputed already.", code="charge_disputed")
        status = params.text("status") or "needs_response"
        dispute = self._store.add(
            "dispute",
            "dp_",
            amount=amount,
            balance_transactions=[],
            charge=charge["id"],
            currency=charge["currency"],
            is_charge_refundable=status == _INQUIRY,
            metadata={},
            payment_intent=charge["payment_intent"],
            reason="fraudulent",
            status=status,
        )
        charge["disputed"] = True
        self._emit("charge.dispute.created", dispute)
        if status not in (_INQUIRY, "prevented"):
            self._move(dispute, -amount)
        return dispute

    def update_dispute(self, dispute: Json, params: Params) -> Json:
        """Let a dispute be about another `amount`, or stand otherwise, as its bank says."""
        amount, status = params.integer("amount"), params.text("status")
        was_inquiry = dispute["status"] == _INQUIRY
        if amount is not None:
            dispute["amount"] = amount
        if status is not None:
            dispute["status"] = status
        self._emit("charge.dispute.updated", dispute)
        if was_inquiry and status == "needs_response":
            self._move(dispute, -dispute["amount"])
        return dispute

    def close_dispute(self, dispute: Json, params: Params) -> Json:
        """Decide a dispute: won by us, or lost; what was lost may be won after all."""
        status = params.choice("status", ("won", "lost"))
        if status is None:
            raise ApiError("Missing required param: status.", param="status")
        if dispute["status"] == "won" or dispute["status"] == status:
            raise ApiError("The dispute is closed already.")
        if status == "won":
            self.reinstate(dispute)
        dispute["status"] = status
        self._emit("charge.dispute.closed", dispute)
        return dispute

    def reinstate(self, dispute: Json) -> Json:
        """Give back the money that a dispute has taken, whatever its status says yet."""
        taken = sum(moved["amount"] for moved in dispute["balance_transactions"])
        if taken:
            self._move(dispute, -taken)
        return dispute

    def withdraw(self, dispute: Json) -> Json:
        """Take the money of a dispute, whatever its status says."""
        self._move(dispute, -dispute["amount"])
        return dispute

    def _move(self, dispute: Json, amount: int) -> None:
        moved = {
            "id": random_id("txn_"),
            "object": "balance_transaction",
            "amount": amount,
            "currency": dispute["currency"],
            "type": "adjustment",
        }
        dispute["balance_transactions"].append(moved)
        kind = "withdrawn" if amount < 0 else "reinstated"
        self._emit(f"charge.dispute.funds_{kind}", dispute)


def _need_state(intent: Json, states: tuple[str, ...], verb: str) -> None:
    if intent["status"] not in states:
        raise wrong_state(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
            payment_intent=intent,
        )
