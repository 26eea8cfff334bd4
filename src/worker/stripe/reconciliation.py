"""Stripe's own account of our payments, read again: no lost webhook leaves anything open."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final, Literal, TypeVar
from uuid import UUID

from api.database.client import Database
from api.http.errors import ApiError
from api.payments.finding import ANOTHER_PAYMENT, UNKNOWN_PURCHASE, intent_of
from api.payments.gateway import Gateway
from api.payments.objects import (
    Handled,
    KnownPurchase,
    PurchaseReference,
    StripeObject,
    is_amount,
    metadata_of,
    reference_of,
    word,
)
from api.payments.webhooks import Event, EventData, EventHandler
from worker.jobs import claimed

logger = logging.getLogger("worker.stripe")

Owned = TypeVar("Owned", bound=PurchaseReference)

# The event that would have reported an object, by its present state.
_INTENT_EVENTS: Final = {
    "succeeded": "payment_intent.succeeded",
    "processing": "payment_intent.processing",
    "canceled": "payment_intent.canceled",
}
_SESSION_EVENTS: Final = {
    "complete": "checkout.session.completed",
    "expired": "checkout.session.expired",
}
_MONEY: Final = ("payment_intent.succeeded", "checkout.session.completed", "charge.")

_HEALED: Final = frozenset({"completed", "updated", "applied"})
_NOT_OURS: Final = frozenset({ANOTHER_PAYMENT, UNKNOWN_PURCHASE})
_OFF: Final = _NOT_OURS | {"amount_mismatch", "currency_mismatch"}


class OpenDispute(PurchaseReference):
    """A dispute that may still turn at Stripe."""

    stripe_dispute_id: str


class PurchaseToCompare(KnownPurchase):
    """A purchase, and its price."""

    price_euro_cents: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that we and Stripe did not agree on.

    Attributes:
        verdict: It was put right, or somebody has to look into it.
        subject: The event that would have reported it, or the objects that were compared.
        stripe_id: Stripe's object, None where there is none.
        purchase_id: Our purchase, None if it was not found.
        outcome: The result, or the mistake.
    """

    verdict: Literal["healed", "off"]
    subject: str
    stripe_id: str | None
    purchase_id: UUID | None
    outcome: str


@dataclass(slots=True)
class Summary:
    """Figures of both sides about a span of time: numbers of payments, and cents.

    Attributes:
        paid_at_stripe: Payments for purchases of ours that Stripe lists as paid.
        cents_at_stripe: The sum that was paid by them.
        completed_here: Purchases that we credited in the span; payments lie across its beginning,
            so the numbers of both sides need not be the same.
        cents_here: Their prices.
    """

    since: datetime
    paid_at_stripe: int = 0
    cents_at_stripe: int = 0
    completed_here: int = 0
    cents_here: int = 0
    healed: int = 0
    off: int = 0


class Reconciliation:
    """A comparison of Stripe with us; what we have missed goes to those who deal with webhooks.

    Nothing moves that a webhook would not move, by the same code. So it may run at any time, and
    several at once.

    Args:
        database: Where our purchases are.
        gateway: Stripe.
        look_back: The span that is compared.
        tell: Is told of each thing that was healed or is off.
    """

    def __init__(
        self,
        database: Database,
        gateway: Gateway,
        look_back: timedelta,
        tell: Callable[[Finding], None],
    ) -> None:
        self._database = database
        self._gateway = gateway
        self._handler = EventHandler(database, gateway)
        self._tell = tell
        self._summary = Summary(since=datetime.now(UTC) - look_back)
        # Objects of Stripe by the purchase that they name, and PaymentIntents that are paid by id.
        self._intents: dict[UUID, StripeObject] = {}
        self._sessions: dict[UUID, StripeObject] = {}
        self._paid: dict[str, StripeObject] = {}
        # Events that need not be dealt with again.
        self._handled: set[tuple[str, object, object]] = set()

    async def run(self) -> Summary:
        """Read what happened at Stripe in this span, and whatever is still open here.

        Raises:
            ApiError: Stripe or the database could not serve; what was healed stays so.
        """
        listed = partial(self._gateway.since, self._summary.since)
        await _each(listed("payment_intents"), self._intent)
        # A payment may be tried long after its PaymentIntent was created, refunded long after that.
        await _each(listed("charges", "payment_intent"), self._charge)
        await _each(listed("checkout.sessions"), self._session)
        await _each(listed("refunds", "charge", "payment_intent"), self._refund)
        await _each(listed("disputes", "payment_intent"), self._dispute)
        await self._settle_purchases()
        await self._settle_disputes()
        await self._settle_refunds()
        await self._compare_completed()
        return self._summary

    # One object of Stripe's each

    async def _intent(self, intent: StripeObject) -> None:
        reference = reference_of(intent)
        if reference is not None:
            self._intents[reference.purchase_id] = intent
        event = _INTENT_EVENTS.get(str(intent.get("status")))
        if event is None and intent.get("last_payment_error"):
            event = "payment_intent.payment_failed"
        if event is not None:
            handled = await self._report(event, intent, intent.get("status"))
            ours = handled is not None and handled.outcome not in _NOT_OURS
            if ours and _is_paid(intent):
                self._paid[str(intent.get("id"))] = intent

    async def _session(self, session: StripeObject) -> None:
        reference = reference_of(session)
        if reference is not None:
            self._sessions[reference.purchase_id] = session
        event = _SESSION_EVENTS.get(str(session.get("status")))
        if event is not None:
            await self._report(event, session, session.get("status"))

    async def _charge(self, charge: StripeObject) -> None:
        intent = _expanded_intent(charge)
        if intent:
            await self._intent(intent)
            if charge.get("amount_refunded"):
                await self._settle_refunds_of(charge)

    async def _refund(self, refund: StripeObject) -> None:
        intent = _expanded_intent(refund)
        if intent:
            await self._intent(intent)
            await self._settle_refunds_of(refund)

    async def _settle_refunds_of(self, item: StripeObject) -> None:
        """Compare all refunds of the PaymentIntent within an object, once in a run."""
        await self._report("charge.refunded", {**item, "id": intent_of(item)}, None)

    async def _dispute(self, dispute: StripeObject) -> None:
        if _expanded_intent(dispute):
            await self._report("charge.dispute.updated", dispute, dispute.get("status"))

    async def _report(self, event_type: str, item: StripeObject, state: object) -> Handled | None:
        """Let the object be dealt with as if Stripe had just reported it."""
        key = (event_type, item.get("id"), state)
        if key in self._handled:
            return None
        self._handled.add(key)
        stripe_id = word(item.get("id"))
        try:
            handled = await self._handler.handle(Event(event_type, EventData(dict(item))))
        except ApiError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            # A refusal concerns this one alone.
            named = reference_of(item) or reference_of(_expanded_intent(item))
            purchase_id = None if named is None else named.purchase_id
            self._found(Finding("off", event_type, stripe_id, purchase_id, error.code))
            return None
        if handled is not None:
            purchase_id, outcome = handled.reference.purchase_id, handled.outcome
            if outcome in _HEALED:
                self._found(Finding("healed", event_type, stripe_id, purchase_id, outcome))
            elif outcome in _OFF and event_type.startswith(_MONEY):
                self._found(Finding("off", event_type, stripe_id, purchase_id, outcome))
        return handled

    async def _all(
        self, function: str, row: type[Owned], **arguments: object
    ) -> AsyncIterator[Owned]:
        """Yield what a function lists about purchases, page by page."""
        cursor = None
        while page := await self._database.many(function, row, p_cursor=cursor, **arguments):
            for known in page:
                yield known
            cursor = page[-1].purchase_id

    def _purchases(self, what: str, **since: datetime) -> AsyncIterator[PurchaseToCompare]:
        function = "credits.list_purchases_to_compare"
        return self._all(function, PurchaseToCompare, p_what=what, **since)

    # Purchases that are open here, however old

    async def _settle_purchases(self) -> None:
        async for purchase in self._purchases("unsettled"):
            if purchase.status == "processing":
                await self._ask_again(purchase)
            else:
                await self._finish(purchase)

    async def _ask_again(self, purchase: PurchaseToCompare) -> None:
        if purchase.purchase_id in self._intents:
            return
        if purchase.stripe_payment_intent_id is not None:
            intent = await self._gateway.payment_intent(purchase.stripe_payment_intent_id)
            if intent is not None:
                await self._intent(_named(intent, purchase))
        elif purchase.stripe_checkout_session_id is not None:
            session = await self._gateway.checkout_session(purchase.stripe_checkout_session_id)
            if session is not None:
                paid_by = _expanded_intent(session)
                if paid_by:
                    await self._intent(_named(paid_by, purchase))
                await self._session(_named(session, purchase))

    async def _finish(self, purchase: PurchaseToCompare) -> None:
        """Tie a purchase to Stripe's object for it; without one nobody can ever pay it."""
        intent = self._intents.get(purchase.purchase_id)
        session = self._sessions.get(purchase.purchase_id)
        found = intent or session
        if found is not None:
            await self._database.run(
                "credits.attach_payment",
                p_user_id=purchase.user_id,
                p_purchase_id=purchase.purchase_id,
                p_stripe_payment_intent_id=word((intent or {}).get("id")),
                p_stripe_checkout_session_id=word((session or {}).get("id")),
                p_stripe_customer_id=word(found.get("customer")),
            )
            outcome = "attached"
        else:
            outcome = await self._database.value(
                "credits.fail_purchase",
                p_user_id=purchase.user_id,
                p_purchase_id=purchase.purchase_id,
                p_status="failed",
                p_reason="payment_never_created",
            )
            if outcome != "updated":
                return
            outcome = "failed"
        stripe_id = None if found is None else word(found.get("id"))
        self._found(
            Finding("healed", "purchase never finished", stripe_id, purchase.purchase_id, outcome)
        )

    async def _settle_disputes(self) -> None:
        async for known in self._all("credits.list_open_disputes", OpenDispute):
            dispute = await self._gateway.dispute(known.stripe_dispute_id)
            if dispute is not None:
                intent = _named(_expanded_intent(dispute), known)
                await self._dispute({**dispute, "payment_intent": intent})

    async def _settle_refunds(self) -> None:
        """Ask after the refunds that may have failed since they were reported."""
        async for purchase in self._purchases("refunded"):
            intent = _named({"id": purchase.stripe_payment_intent_id}, purchase)
            await self._settle_refunds_of({"payment_intent": intent})

    # Purchases that were credited here

    async def _compare_completed(self) -> None:
        for intent in self._paid.values():
            cents = intent.get("amount_received")
            if is_amount(cents):
                self._summary.paid_at_stripe += 1
                self._summary.cents_at_stripe += cents
        async for purchase in self._purchases("completed", p_since=self._summary.since):
            self._summary.completed_here += 1
            self._summary.cents_here += purchase.price_euro_cents
            problem = await self._problem_of(purchase)
            if problem is not None:
                intent_id, purchase_id = purchase.stripe_payment_intent_id, purchase.purchase_id
                self._found(
                    Finding("off", "purchase completed here", intent_id, purchase_id, problem)
                )

    async def _problem_of(self, purchase: PurchaseToCompare) -> str | None:
        """Return what Stripe does not confirm of a completed purchase, None if all is well."""
        intent_id = purchase.stripe_payment_intent_id
        if intent_id in self._paid:
            return None
        # Asked anew: it may have changed since the lists were read.
        intent = await self._gateway.payment_intent(intent_id) if intent_id else None
        if intent is None:
            return "not_known_at_stripe"
        return None if _is_paid(intent) else "not_paid_at_stripe"

    def _found(self, finding: Finding) -> None:
        if finding.verdict == "healed":
            self._summary.healed += 1
        else:
            self._summary.off += 1
        self._tell(finding)


async def reconcile_stripe(
    database: Database, gateway: Gateway, interval: float, days: float
) -> bool:
    """Compare the last days with Stripe, if it is time to; one process does so for all.

    Raises:
        ApiError: Stripe or the database could not serve; what was healed stays so.
    """
    async with claimed(database, "reconcile_stripe", interval) as is_ours:
        if is_ours:
            await Reconciliation(database, gateway, timedelta(days=days), log_finding).run()
    return False


def log_finding(finding: Finding) -> None:
    """Log what was healed, and what has to be looked into."""
    extra = {
        "subject": finding.subject,
        "stripeId": finding.stripe_id,
        "purchaseId": finding.purchase_id and str(finding.purchase_id),
        "outcome": finding.outcome,
    }
    level = logging.WARNING if finding.verdict == "healed" else logging.ERROR
    logger.log(level, "stripe reconciliation: %s", finding.verdict, extra=extra)


async def _each(
    items: AsyncIterator[StripeObject], work: Callable[[StripeObject], Awaitable[None]]
) -> None:
    async for item in items:
        await work(item)


def _expanded_intent(item: StripeObject) -> StripeObject:
    """Return the PaymentIntent within an object; of one that has none an empty one."""
    intent = item.get("payment_intent")
    return intent if isinstance(intent, dict) else {}


def _named(item: StripeObject, owner: PurchaseReference) -> StripeObject:
    """Return an object with the metadata that we gave it, whatever became of them at Stripe."""
    return {**item, "metadata": metadata_of(owner)}


def _is_paid(intent: StripeObject) -> bool:
    return intent.get("status") == "succeeded"
