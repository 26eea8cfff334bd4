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
from api.payments.gateway import Gateway, payments_unavailable
from api.payments.objects import (
    PurchaseReference,
    StripeObject,
    is_amount,
    reference_of,
    word,
)
from api.payments.reversals import Reversals
from api.rows import Outcome

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
        raise payments_unavailable()
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

    async def handle(self, event: Event) -> None:
        """Deal with an event; what is not ours or not known has no effect.

        Raises:
            ApiError: The database, or Stripe itself when asked about an object, could not serve the
                call, and Stripe has to send the event again.
        """
        handler = HANDLERS.get(event.type)
        if handler is not None:
            await handler(self, event.type, event.data.object)
            if event.created is not None:
                STRIPE_EVENT_LAG.observe(max(0.0, time.time() - event.created))

    async def payment_succeeded(self, event_type: str, intent: StripeObject) -> None:
        """A PaymentIntent was paid."""
        await self._complete(intent, intent.get("amount_received"), intent.get("id"))

    async def checkout_paid(self, event_type: str, session: StripeObject) -> None:
        """A Checkout Session was completed; with a delayed method the money comes later."""
        if session.get("payment_status") == "paid":
            payment_intent = session.get("payment_intent")
            await self._complete(session, session.get("amount_total"), payment_intent)
        else:
            await self.processing(event_type, session)

    async def processing(self, event_type: str, payment: StripeObject) -> None:
        """The money is on its way."""
        await self._fail(event_type, payment, "processing")

    async def failed(self, event_type: str, payment: StripeObject) -> None:
        """A payment was refused; the buyer may still try again."""
        await self._fail(event_type, payment, "failed")

    async def cancelled(self, event_type: str, payment: StripeObject) -> None:
        """The payment will not come any more."""
        await self._fail(event_type, payment, "cancelled")

    async def refunded(self, event_type: str, charge: StripeObject) -> None:
        """A charge was refunded, all of it or a part."""
        await self._reversals.refunded(event_type, charge)

    async def disputed(self, event_type: str, dispute: StripeObject) -> None:
        """Something new about a dispute; its status says what."""
        await self._reversals.disputed(event_type, dispute)

    async def _complete(self, payment: StripeObject, amount: object, intent_id: object) -> None:
        reference = reference_of(payment)
        currency = word(payment.get("currency"))
        if reference is None or not is_amount(amount) or currency is None:
            return
        result = await self._database.one(
            "credits.complete_purchase",
            Outcome,
            p_user_id=reference.user_id,
            p_purchase_id=reference.purchase_id,
            p_amount_cents=amount,
            p_currency=currency,
            p_stripe_payment_intent_id=word(intent_id),
        )
        level = logging.ERROR if result.outcome == "amount_mismatch" else logging.INFO
        _log(level, reference, result.outcome)

    async def _fail(self, event_type: str, payment: StripeObject, status: str) -> None:
        reference = reference_of(payment)
        if reference is None:
            return
        result = await self._database.one(
            "credits.fail_purchase",
            Outcome,
            p_user_id=reference.user_id,
            p_purchase_id=reference.purchase_id,
            p_status=status,
            p_reason=_reason(event_type, payment),
        )
        _log(logging.INFO, reference, result.outcome)


Handler = Callable[[EventHandler, str, StripeObject], Awaitable[None]]

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


def _reason(event_type: str, payment: StripeObject) -> str:
    """Name the event and, where Stripe gives one, the code of the failure."""
    error = payment.get("last_payment_error")
    code = word(error.get("code")) if isinstance(error, dict) else None
    return event_type if code is None else f"{event_type}: {code}"


def _log(level: int, reference: PurchaseReference, outcome: str) -> None:
    extra = {"purchaseId": str(reference.purchase_id), "outcome": outcome}
    logger.log(level, "payment reported", extra=extra)


def _refused(problem: str) -> ApiError:
    return invalid_request({}, problem)


_EVENT = msgspec.json.Decoder(Event)
