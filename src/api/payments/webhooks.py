"""What Stripe reports: signatures, and from an event to the function that deals with it."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
import stripe

from api.database import Database
from api.errors import ApiError, invalid_request
from api.metrics import STRIPE_EVENT_LAG
from api.payments.finding import find_purchase
from api.payments.gateway import Gateway, PaymentsUnavailableError
from api.payments.objects import (
    Handled,
    PurchaseReference,
    StripeObject,
    is_amount,
    reference_of,
    word,
)
from api.payments.reversals import Reversals
from api.payments.rows import Outcome

logger = logging.getLogger("api.payments")

TOLERANCE_SECONDS = 300


class EventData(msgspec.Struct):
    """The object that an event is about."""

    object: dict[str, Any]


class Event(msgspec.Struct):
    """The part of a Stripe event that we read; `created` is in seconds since 1970."""

    type: str
    data: EventData
    created: float | None = None


def verified_event(body: bytes, signature: str | None, secret: str) -> Event:
    """Return the event of a webhook whose signature holds.

    Raises:
        ApiError: 400 invalid_request for a missing, wrong or stale signature and for a body that
            is no event; 503 payments_unavailable without a secret: that is our own lack, which
            Stripe's later retries survive, and nothing is ever accepted without one.
    """
    if not secret:
        raise PaymentsUnavailableError("STRIPE_WEBHOOK_SECRET is missing")
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except Exception:
        # It raises more than its own error on hostile bodies and headers.
        raise _refused("The signature is not valid") from None
    try:
        return _EVENT.decode(body)
    except (ValueError, RecursionError):
        raise _refused("The body is not an event") from None


class EventHandler:
    """Deals with events; each may come again, late, in any order and several at once."""

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._database = database
        self._reversals = Reversals(database, gateway)

    async def handle(self, event: Event) -> Handled | None:
        """Deal with an event and tell what it came to; what is not ours or known has no effect.

        Raises:
            ApiError: The database, or Stripe itself when asked about an object, could not serve the
                call, and Stripe has to send the event again.
        """
        handler = HANDLERS.get(event.type)
        if handler is None:
            return None
        handled = await handler(self, event.type, event.data.object)
        if event.created is not None:
            STRIPE_EVENT_LAG.observe(max(0.0, time.time() - event.created))
        return handled

    async def payment_succeeded(self, event_type: str, intent: StripeObject) -> Handled | None:
        """A PaymentIntent was paid."""
        return await self._complete(event_type, intent, intent.get("amount_received"))

    async def checkout_paid(self, event_type: str, session: StripeObject) -> Handled | None:
        """A Checkout Session was completed; with a delayed method the money comes later."""
        if session.get("payment_status") == "paid":
            return await self._complete(event_type, session, session.get("amount_total"))
        return await self.processing(event_type, session)

    async def processing(self, event_type: str, payment: StripeObject) -> Handled | None:
        """The money is on its way."""
        return await self._fail(event_type, payment, "processing")

    async def failed(self, event_type: str, payment: StripeObject) -> Handled | None:
        """A payment was refused; the buyer may still try again."""
        return await self._fail(event_type, payment, "failed")

    async def cancelled(self, event_type: str, payment: StripeObject) -> Handled | None:
        """The payment will not come any more."""
        return await self._fail(event_type, payment, "cancelled")

    async def refunded(self, event_type: str, charge: StripeObject) -> Handled | None:
        """A charge was refunded, all of it or a part."""
        return await self._reversals.refunded(event_type, charge)

    async def disputed(self, event_type: str, dispute: StripeObject) -> Handled | None:
        """Something new about a dispute; its status says what."""
        return await self._reversals.disputed(event_type, dispute)

    async def _complete(
        self, event_type: str, payment: StripeObject, amount: object
    ) -> Handled | None:
        currency = word(payment.get("currency"))
        if not is_amount(amount) or currency is None:
            return None
        reference = await self._purchase_of(event_type, payment)
        if reference is None:
            return None
        result = await self._database.one(
            "credits.complete_purchase",
            Outcome,
            p_user_id=reference.user_id,
            p_purchase_id=reference.purchase_id,
            p_amount_cents=amount,
            p_currency=currency,
            p_stripe_payment_intent_id=_intent_of(event_type, payment),
        )
        return _logged(Handled(reference, result.outcome))

    async def _fail(self, event_type: str, payment: StripeObject, status: str) -> Handled | None:
        reference = await self._purchase_of(event_type, payment)
        if reference is None:
            return None
        result = await self._database.one(
            "credits.fail_purchase",
            Outcome,
            p_user_id=reference.user_id,
            p_purchase_id=reference.purchase_id,
            p_status=status,
            p_reason=_reason(event_type, payment),
        )
        return _logged(Handled(reference, result.outcome))

    async def _purchase_of(
        self, event_type: str, payment: StripeObject
    ) -> PurchaseReference | None:
        """Return the purchase that a payment is for; None if it is not ours.

        Metadata can be edited in Stripe's dashboard; what we noted ourselves is still there.
        """
        named = reference_of(payment)
        return named or await find_purchase(self._database, _intent_of(event_type, payment))


Handler = Callable[[EventHandler, str, StripeObject], Awaitable[Handled | None]]

HANDLERS: Final[Mapping[str, Handler]] = {
    "payment_intent.succeeded": EventHandler.payment_succeeded,
    "payment_intent.processing": EventHandler.processing,
    "payment_intent.payment_failed": EventHandler.failed,
    "payment_intent.canceled": EventHandler.cancelled,
    "checkout.session.completed": EventHandler.checkout_paid,
    "checkout.session.async_payment_succeeded": EventHandler.checkout_paid,
    "checkout.session.async_payment_failed": EventHandler.failed,
    "checkout.session.expired": EventHandler.cancelled,
    "charge.refunded": EventHandler.refunded,
    "charge.dispute.created": EventHandler.disputed,
    # An inquiry that becomes a dispute is not created a second time.
    "charge.dispute.funds_withdrawn": EventHandler.disputed,
    "charge.dispute.closed": EventHandler.disputed,
}


def _intent_of(event_type: str, payment: StripeObject) -> str | None:
    """Return the id of a PaymentIntent, or of the one that a Checkout Session has made."""
    is_session = event_type.startswith("checkout.session.")
    return word(payment.get("payment_intent" if is_session else "id"))


def _reason(event_type: str, payment: StripeObject) -> str:
    """Name the event and, where Stripe gives one, the code of the failure."""
    error = payment.get("last_payment_error")
    code = word(error.get("code")) if isinstance(error, dict) else None
    return event_type if code is None else f"{event_type}: {code}"


def _logged(handled: Handled) -> Handled:
    level = logging.INFO if handled.is_news else logging.DEBUG
    if handled.outcome == "amount_mismatch":
        level = logging.ERROR
    extra = {"purchaseId": str(handled.reference.purchase_id), "outcome": handled.outcome}
    logger.log(level, "payment reported", extra=extra)
    return handled


def _refused(problem: str) -> ApiError:
    return invalid_request({}, problem)


_EVENT = msgspec.json.Decoder(Event)
