"""Money that goes back to a buyer: refunds and disputes, and whose purchase they are about."""

import logging
from collections.abc import Mapping
from typing import Final

from api.database import Database
from api.payments.finding import find_purchase
from api.payments.gateway import Gateway
from api.payments.objects import (
    Handled,
    PurchaseReference,
    StripeObject,
    is_amount,
    reference_of,
    word,
)
from api.payments.rows import Outcome

logger = logging.getLogger("api.payments")

# Who has the money, or gets it in the end, by the status of a dispute. An inquiry (`warning_…`)
# takes no money, so there is nothing to take back while it is open. All others take it at once.
_NOTHING_TAKEN: Final = frozenset({"warning_needs_response", "warning_under_review"})
_CLOSED: Final[Mapping[str, str]] = {"won": "won", "warning_closed": "won", "lost": "lost"}
_OPEN = "open"


class Reversals:
    """Tells the database what went back; it takes or returns the credits in proportion."""

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._database = database
        self._gateway = gateway

    async def refunded(self, event_type: str, charge: StripeObject) -> Handled | None:
        """A charge was refunded; Stripe tells how much of it in all."""
        cents = charge.get("amount_refunded")
        if not is_amount(cents):
            return None
        reference = await self._purchase_of(charge)
        if reference is None:
            return None
        result = await self._database.one(
            "credits.record_refund",
            Outcome,
            p_user_id=reference.user_id,
            p_purchase_id=reference.purchase_id,
            p_refunded_cents=cents,
            p_currency=_currency(charge),
        )
        return _logged(Handled(reference, result.outcome), event_type)

    async def disputed(self, event_type: str, dispute: StripeObject) -> Handled | None:
        """A dispute was opened, took the money, or was closed."""
        dispute_id, cents = word(dispute.get("id")), dispute.get("amount")
        status = word(dispute.get("status"))
        if dispute_id is None or status is None or status in _NOTHING_TAKEN or not is_amount(cents):
            return None
        reference = await self._purchase_of(dispute)
        if reference is None:
            return None
        result = await self._database.one(
            "credits.record_dispute",
            Outcome,
            p_user_id=reference.user_id,
            p_purchase_id=reference.purchase_id,
            p_stripe_dispute_id=dispute_id,
            p_amount_cents=cents,
            p_status=_CLOSED.get(status, _OPEN),
            p_currency=_currency(dispute),
        )
        return _logged(Handled(reference, result.outcome), event_type)

    async def _purchase_of(self, charge: StripeObject) -> PurchaseReference | None:
        """Return the purchase that a charge or dispute is about; None if it is not ours."""
        intent_id = word(charge.get("payment_intent"))
        reference = await find_purchase(self._database, intent_id) or reference_of(charge)
        if reference is None and intent_id is not None:
            # A dispute has no metadata of ours, and a purchase made on a Checkout page does not
            # know its PaymentIntent before it is completed.
            metadata = await self._gateway.metadata_of_payment_intent(intent_id)
            reference = reference_of({"metadata": metadata})
        return reference


def _currency(charge: StripeObject) -> str:
    """Return the currency; one that is missing is none of a purchase's."""
    return word(charge.get("currency")) or ""


def _logged(handled: Handled, event_type: str) -> Handled:
    level = logging.INFO if handled.is_news else logging.DEBUG
    if handled.outcome == "currency_mismatch":
        level = logging.ERROR
    extra = {
        "purchaseId": str(handled.reference.purchase_id),
        "event": event_type,
        "outcome": handled.outcome,
    }
    logger.log(level, "reversal reported", extra=extra)
    return handled
