"""Money that goes back to a buyer, and sometimes comes again: refunds and disputes."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from api.payments.finding import Finder, intent_of
from api.payments.gateway import Gateway, PaymentsUnavailableError
from api.payments.objects import Handled, StripeObject, is_amount, word

# The holder of the money in the end, by the status of a dispute. An inquiry (`warning_…`) takes no
# money, so there is nothing to take back while it is open. All others take it at once.
_INQUIRIES: Final = frozenset({"warning_needs_response", "warning_under_review"})
_WON: Final = frozenset({"won", "warning_closed"})

# A refund that is on its way counts as money that has left.
_NEVER_LEFT: Final = frozenset({"failed", "canceled"})

_OUTDATED: Final = "outdated"
_MOST_ROUNDS: Final = 8

# Asks Stripe how things stand now; returns the news, by the parameters of the database's function.
Asking = Callable[[Gateway, StripeObject], Awaitable[dict[str, Any] | None]]


async def refunded(finder: Finder, _: str, item: StripeObject) -> Handled | None:
    """A charge was refunded, all of it or a part, or such a refund has changed or failed since."""
    return await _settle(finder, item, _refunds)


async def disputed(finder: Finder, _: str, dispute: StripeObject) -> Handled | None:
    """Something is new about a dispute; Stripe says what."""
    return await _settle(finder, dispute, _dispute)


async def _settle(finder: Finder, item: StripeObject, ask: Asking) -> Handled | None:
    """Tell the database what went back; it takes or returns the credits in proportion.

    An event may be old, since events come late and in any order. What it tells may turn: a refund
    fails, a lost dispute is won. So Stripe is asked how it stands now. Of two handlers that ask at
    once, the one that is noted last need not have asked last. So the database refuses an answer
    that is older than the last note, and Stripe is asked again.
    """
    for _ in range(_MOST_ROUNDS):
        purchase = await finder.find_by_charge(item)
        news = None if purchase is None else await ask(finder.gateway, item)
        if purchase is None or news is None:
            return None
        seen = purchase.reversals_version
        handled = await finder.tell(purchase, "credits.record_reversal", p_seen=seen, **news)
        if handled.outcome != _OUTDATED:
            return handled
    raise PaymentsUnavailableError("Too much is reported about one purchase at once")


async def _refunds(gateway: Gateway, item: StripeObject) -> dict[str, Any]:
    listed = gateway.listed("refunds", payment_intent=intent_of(item))
    refunds = [refund async for refund in listed if is_amount(refund.get("amount"))]
    left = [refund for refund in refunds if refund.get("status") not in _NEVER_LEFT]
    currencies = {word(refund.get("currency")) or "" for refund in refunds}
    # Several are none of a purchase's, and without a refund there is none to compare.
    currency = currencies.pop() if len(currencies) == 1 else ""
    return {
        "p_cents": sum(refund["amount"] for refund in left),
        "p_currency": currency if refunds else None,
    }


async def _dispute(gateway: Gateway, item: StripeObject) -> dict[str, Any] | None:
    dispute_id = word(item.get("id"))
    dispute = await gateway.dispute(dispute_id) if dispute_id else None
    if dispute is None or dispute.get("status") in _INQUIRIES:
        return None
    cents = dispute.get("amount")
    if not is_amount(cents) or intent_of(dispute) != intent_of(item):
        return None
    return {
        "p_stripe_dispute_id": dispute_id,
        "p_cents": cents,
        "p_status": _standing(dispute),
        "p_currency": word(dispute.get("currency")) or "",
    }


def _standing(dispute: StripeObject) -> str:
    """Return who has the money of a dispute now, or gets it in the end.

    One that was prevented has taken money only where Stripe shows that it left: it was settled by
    giving the money back, or else blocked. What was taken may be back before the status says so.
    """
    status = dispute.get("status")
    moved = _moved(dispute)
    if status in _WON or (status == "prevented" and not moved):
        return "won"
    if moved and sum(moved) >= 0:
        return "won"
    return "lost" if status in ("lost", "prevented") else "open"


def _moved(dispute: StripeObject) -> list[int]:
    """Return what a dispute has moved on our account at Stripe, withdrawals being negative."""
    listed = dispute.get("balance_transactions")
    if not isinstance(listed, list):
        return []
    amounts = [one.get("amount") for one in listed if isinstance(one, dict)]
    return [amount for amount in amounts if type(amount) is int]
