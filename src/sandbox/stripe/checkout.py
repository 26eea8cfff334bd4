"""Prices and Checkout Sessions: what is bought, the page to pay on, and how it ends."""

from __future__ import annotations

from sandbox.stripe.errors import ApiError
from sandbox.stripe.params import Params, chargeable
from sandbox.stripe.payments import Payments
from sandbox.stripe.store import Json, Store, now
from sandbox.stripe.webhooks import Webhooks

_DAY_SECONDS = 24 * 60 * 60


class Checkout:
    """Checkout Sessions in payment mode, on a page of ours under `base_url`."""

    def __init__(self, store: Store, webhooks: Webhooks, payments: Payments) -> None:
        self.base_url = ""
        self._store = store
        self._emit = webhooks.emit
        self._payments = payments

    def create(self, params: Params) -> Json:
        """Create an open session; its PaymentIntent comes with the first attempt to pay."""
        if params.choice("mode", ("payment",)) is None:
            raise ApiError("Missing required param: mode.", param="mode")
        items = [self._line_item(item) for item in params.groups("line_items")]
        if not items:
            raise ApiError("Missing required param: line_items.", param="line_items")
        currencies = {item["currency"] for item in items}
        if len(currencies) > 1:
            raise ApiError("All line items must have the same currency.", param="line_items")
        total = chargeable(sum(item["amount_total"] for item in items), "line_items")
        customer = self._store.referred("customer", params, "customer")
        success_url = _web_address(params, "success_url")
        if success_url is None:
            raise ApiError("Missing required param: success_url.", param="success_url")
        intent_data = params.group("payment_intent_data")
        session = self._store.add(
            "checkout.session",
            "cs_test_",
            amount_subtotal=total,
            amount_total=total,
            cancel_url=_web_address(params, "cancel_url"),
            client_reference_id=params.text("client_reference_id"),
            currency=currencies.pop(),
            customer=customer and customer["id"],
            expires_at=now() + _DAY_SECONDS,
            metadata=params.metadata(),
            mode="payment",
            payment_intent=None,
            payment_status="unpaid",
            status="open",
            success_url=success_url,
            ui_mode="hosted_page",
            _line_items=items,
            _intent_description=intent_data.text("description"),
            _intent_metadata=intent_data.metadata(),
        )
        session["url"] = f"{self.base_url}/checkout/{session['id']}"
        return session

    def create_price(self, params: Params) -> Json:
        """Create a price that line items can name; it is charged once."""
        return self._store.add("price", "price_", **_price(params))

    def expire(self, session: Json, _params: Params) -> Json:
        """End an open session without payment."""
        if session["status"] != "open":
            raise ApiError(
                'Only Checkout Sessions with a status in ["open"] can be expired.'
                f" This Checkout Session has a status of `{session['status']}`."
            )
        self._end(session)
        return session

    def end_in_time(self) -> None:
        """End the open sessions whose time is over."""
        for session in list(self._store.all("checkout.session")):
            if session["status"] == "open" and session["expires_at"] <= now():
                self._end(session)

    def cancel_intent(self, intent: Json, _params: Params) -> Json:
        """Cancel a PaymentIntent, unless it is a session's: that has to expire instead."""
        if self.of(intent) is not None:
            raise ApiError("You cannot perform this action on PaymentIntents created by Checkout.")
        return self._payments.cancel(intent)

    def pay(self, session: Json) -> None:
        """Let the customer pay by card."""
        _need_open(session)
        self._payments.succeed(self._intent(session))
        session.update(status="complete", payment_status="paid", url=None)
        self._emit("checkout.session.completed", session)

    def decline(self, session: Json) -> None:
        """Let the customer's card be declined; the session stays open."""
        _need_open(session)
        self._payments.decline(self._intent(session))

    def debit(self, session: Json) -> None:
        """Let the customer pay by bank debit, whose outcome comes later, by `settled`."""
        _need_open(session)
        self._payments.process(self._intent(session))
        session.update(status="complete", url=None)
        self._emit("checkout.session.completed", session)

    def of(self, intent: Json) -> Json | None:
        """Return the session that a PaymentIntent belongs to, if any."""
        sessions = self._store.all("checkout.session")
        return next((item for item in sessions if item["payment_intent"] == intent["id"]), None)

    def settled(self, session: Json, *, succeeded: bool) -> None:
        """Note the outcome of a debit."""
        if succeeded:
            session["payment_status"] = "paid"
            self._emit("checkout.session.async_payment_succeeded", session)
        else:
            self._emit("checkout.session.async_payment_failed", session)

    def _line_item(self, params: Params) -> Json:
        price = self._store.referred("price", params, "price") or _price(params.group("price_data"))
        quantity = params.integer("quantity")
        quantity = 1 if quantity is None else quantity
        if quantity < 1:
            raise ApiError("A line item needs a quantity of 1 or more.")
        return {
            "description": price["_product_name"],
            "currency": price["currency"],
            "quantity": quantity,
            "amount_total": price["unit_amount"] * quantity,
        }

    def _intent(self, session: Json) -> Json:
        if session["payment_intent"] is not None:
            return self._store.get("payment_intent", session["payment_intent"])
        intent = self._payments.add_intent(
            session["amount_total"],
            session["currency"],
            customer=session["customer"],
            description=session["_intent_description"],
            metadata=dict(session["_intent_metadata"]),
        )
        session["payment_intent"] = intent["id"]
        return intent

    def _end(self, session: Json) -> None:
        if session["payment_intent"] is not None:
            intent = self._store.get("payment_intent", session["payment_intent"])
            self._payments.cancel(intent, "expired")
        session.update(status="expired", url=None)
        self._emit("checkout.session.expired", session)


def _price(params: Params) -> Json:
    unit_amount = params.needed_integer("unit_amount")
    if unit_amount < 0:
        raise ApiError("An amount must not be negative.", param="unit_amount")
    return {
        "currency": params.currency(),
        "metadata": params.metadata(),
        "unit_amount": unit_amount,
        "_product_name": params.group("product_data").needed_text("name"),
    }


def _web_address(params: Params, name: str) -> str | None:
    value = params.text(name)
    if value is not None and not value.startswith(("http://", "https://")):
        raise ApiError("Not a valid URL", code="url_invalid", param=name)
    return value


def _need_open(session: Json) -> None:
    if session["status"] != "open":
        raise ApiError(
            f"This Session has a status of {session['status']}; only an open one can go on."
        )
