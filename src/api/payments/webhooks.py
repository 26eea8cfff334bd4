"""Reports of Stripe: signatures, and from an event to the function that deals with it."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
import stripe

from api.database.client import Database
from api.http.errors import invalid_request
from api.observability.metrics import STRIPE_EVENT_LAG
from api.payments.finding import ANOTHER_PAYMENT, Finder, NothingMovesError, PaymentClaim, intent_of
from api.payments.gateway import Gateway, PaymentsUnavailableError
from api.payments.objects import FoundPurchase, Handled, StripeObject, is_amount, reference_of, word
from api.payments.reversals import disputed, refunded

logger = logging.getLogger("api.payments")

TOLERANCE_SECONDS = 300

# Somebody has to look into it.
_WRONG: Final = frozenset({"amount_mismatch", "currency_mismatch", ANOTHER_PAYMENT})

# It is no news.
_KNOWN: Final = frozenset({"unchanged", "already_completed"})

# The status of a purchase by that of its PaymentIntent; in any other the buyer has to try again.
_STATUSES: Final = {"processing": "processing", "canceled": "cancelled", "succeeded": None}


class EventData(msgspec.Struct):
    """The object that an event is about."""

    object: dict[str, Any]


class Event(msgspec.Struct):
    """The part of a Stripe event that we read.

    `created` is in seconds since 1970, `account` the connected account that it happened to, none
    for our own. `livemode` is true if it was about real money.
    """

    type: str
    data: EventData
    created: float | None = None
    account: Any = None
    livemode: Any = None


def verified_event(body: bytes, signature: str | None, secret: str) -> Event | None:
    """Return the event of a webhook whose signature holds.

    None for events in other shapes: pings, and events of Stripe's second API, which name an object
    and do not hold it. They are taken, for a refusal would only make Stripe repeat them, and
    switch the endpoint off in the end.

    Raises:
        ApiError: 400 invalid_request for a missing, wrong or stale signature and for a body that is
            not JSON; 503 payments_unavailable without a secret. Nothing is ever accepted without
            one; Stripe tries again until we have it.
    """
    if not secret:
        raise PaymentsUnavailableError("STRIPE_WEBHOOK_SECRET is missing")
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except Exception:
        # It raises more than its own error on hostile bodies and headers.
        raise invalid_request({}, "The signature is not valid") from None
    try:
        return _EVENT.decode(body)
    except msgspec.ValidationError:
        logger.info("stripe event of another shape")
        return None
    except (ValueError, RecursionError):
        raise invalid_request({}, "The body is not JSON") from None


class EventHandler:
    """Deals with events; each may come again, late, in any order and several at once."""

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._finder = Finder(database, gateway)

    async def handle(self, event: Event) -> Handled | None:
        """Handle an event and return its effect; foreign and unknown events have none.

        Raises:
            ApiError: The database, or Stripe itself when asked about an object, could not serve the
                call, and Stripe has to send the event again.
        """
        handler = HANDLERS.get(event.type)
        if handler is None or self._is_foreign(event):
            return None
        try:
            handled = await handler(self._finder, event.type, event.data.object)
        except NothingMovesError as error:
            handled = error.handled
        if handled is not None:
            _log(event.type, handled)
        if event.created is not None:
            STRIPE_EVENT_LAG.observe(max(0.0, time.time() - event.created))
        return handled

    def _is_foreign(self, event: Event) -> bool:
        """Return whether an event is of another account, or not of our key's mode."""
        ours = self._finder.gateway.livemode
        other_mode = event.livemode is not None and ours is not None and event.livemode is not ours
        foreign = event.account is not None or other_mode
        if foreign:
            reason = "mode" if event.account is None else "account"
            extra = {"event": event.type, "reason": reason}
            logger.warning("stripe event of another account or mode", extra=extra)
        return foreign


async def _paid(
    finder: Finder, event_type: str, item: StripeObject, *, amount_in: str
) -> Handled | None:
    """A payment has come; a field of the object says how much."""
    amount, currency = item.get(amount_in), word(item.get("currency"))
    if not is_amount(amount) or currency is None:
        return None
    payment = _payment(event_type, item)
    purchase = await finder.find(payment)
    if purchase is None:
        return None
    return await finder.tell(
        purchase,
        "credits.complete_purchase",
        p_amount_cents=amount,
        p_currency=currency,
        p_stripe_payment_intent_id=payment.intent_id,
        p_stripe_checkout_session_id=payment.session_id,
    )


async def _checkout_completed(
    finder: Finder, event_type: str, session: StripeObject
) -> Handled | None:
    """A Checkout Session was completed; with a delayed method the money comes later."""
    is_paid = session.get("payment_status") == "paid"
    return await (_CHECKOUT_PAID if is_paid else _PROCESSING)(finder, event_type, session)


async def _not_paid(
    finder: Finder, event_type: str, item: StripeObject, *, told: str
) -> Handled | None:
    """A payment is on its way, was refused, or will not come any more, as is `told`.

    After a refusal the buyer may still try again.
    """
    payment = _payment(event_type, item)
    purchase = await finder.find(payment)
    if purchase is None:
        return None
    status = await _status_now(finder.gateway, payment, purchase, told)
    if status is None:
        return Handled(purchase, "unchanged")
    reason = _reason(event_type, item)
    return await finder.tell(purchase, "credits.fail_purchase", p_status=status, p_reason=reason)


async def _status_now(
    gateway: Gateway, payment: PaymentClaim, purchase: FoundPurchase, told: str
) -> str | None:
    """Return how far a payment is by now, None if that is no news or will be told as paid.

    A card is refused and a debit begun, or the other way round: the event may be old.
    """
    if purchase.status in ("completed", told):
        return None
    if told == "cancelled" or payment.intent_id is None:
        return told
    intent = await gateway.payment_intent(payment.intent_id)
    return told if intent is None else _STATUSES.get(str(intent.get("status")), "failed")


_CHECKOUT_PAID = partial(_paid, amount_in="amount_total")
_PROCESSING = partial(_not_paid, told="processing")
_FAILED = partial(_not_paid, told="failed")
_CANCELLED = partial(_not_paid, told="cancelled")

HANDLERS: Final[Mapping[str, Callable[[Finder, str, StripeObject], Awaitable[Handled | None]]]] = {
    "payment_intent.succeeded": partial(_paid, amount_in="amount_received"),
    "payment_intent.processing": _PROCESSING,
    "payment_intent.payment_failed": _FAILED,
    "payment_intent.canceled": _CANCELLED,
    "checkout.session.completed": _checkout_completed,
    "checkout.session.async_payment_succeeded": _checkout_completed,
    "checkout.session.async_payment_failed": _FAILED,
    "checkout.session.expired": _CANCELLED,
    "charge.refunded": refunded,
    "charge.refund.updated": refunded,
    "refund.updated": refunded,
    "refund.failed": refunded,
    "charge.dispute.created": disputed,
    "charge.dispute.updated": disputed,
    # An inquiry that becomes a dispute is not created a second time.
    "charge.dispute.funds_withdrawn": disputed,
    # A dispute that was lost may be won after all.
    "charge.dispute.funds_reinstated": disputed,
    "charge.dispute.closed": disputed,
}


def _payment(event_type: str, item: StripeObject) -> PaymentClaim:
    """Return what a PaymentIntent or a Checkout Session says of the payment."""
    named = reference_of(item)
    if event_type.startswith("checkout.session."):
        return PaymentClaim(intent_of(item), word(item.get("id")), named)
    return PaymentClaim(word(item.get("id")), named=named)


def _log(event_type: str, handled: Handled) -> None:
    level = logging.INFO
    if handled.outcome in _WRONG:
        level = logging.ERROR
    elif handled.outcome in _KNOWN:
        level = logging.DEBUG
    extra = {"event": event_type, "outcome": handled.outcome}
    extra["purchaseId"] = str(handled.reference.purchase_id)
    logger.log(level, "payment reported", extra=extra)


def _reason(event_type: str, payment: StripeObject) -> str:
    """Name the event and, where Stripe gives one, the code of the failure."""
    error = payment.get("last_payment_error")
    code = word(error.get("code")) if isinstance(error, dict) else None
    return event_type if code is None else f"{event_type}: {code}"


_EVENT = msgspec.json.Decoder(Event)
