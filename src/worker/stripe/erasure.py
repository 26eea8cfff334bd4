"""Erased persons at Stripe: what they could still pay is ended, then their customer is deleted."""

import logging
from contextlib import suppress
from typing import Any, Final

from api.database.client import Database
from api.database.rows import Row
from api.http.errors import ApiError
from api.payments.gateway import CustomerMissingError, Gateway
from api.payments.objects import StripeObject, reference_of
from api.payments.webhooks import Event, EventData, EventHandler

logger = logging.getLogger("worker.stripe")

_BATCH: Final = 100

# A payment that is made, or on its way, is left to its end.
_CANCELLABLE: Final = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"}
)


class DueCustomer(Row):
    """A Stripe customer that is still to be deleted there."""

    stripe_customer_id: str


async def delete_erased_customers(database: Database, gateway: Gateway) -> bool:
    """Delete the customers of erased persons at Stripe, with what they could still pay.

    Returns whether there may be more.

    Raises:
        ApiError: Not all could be deleted; what is left waits for the next round.
    """
    customers = ErasedCustomers(database, gateway)
    due = await database.many("credits.list_customer_deletions", DueCustomer, p_limit=_BATCH)
    failures: list[ApiError] = []
    for deletion in due:
        customer_id = deletion.stripe_customer_id
        try:
            await customers.delete(customer_id)
            await database.run(
                "credits.confirm_customer_deletion", p_stripe_customer_id=customer_id
            )
        except ApiError as error:
            # Of this one alone: it does not keep the others from being deleted.
            failures.append(error)
    if len(due) > len(failures):
        deleted = len(due) - len(failures)
        logger.info("customers deleted at stripe", extra={"customers": deleted})
    if failures:
        raise failures[0]
    return len(due) == _BATCH


class ErasedCustomers:
    """Deletes the customers of erased persons; each step may be repeated, also by several at once.

    The account at Stripe may be shared: what has no metadata of ours is left alone.
    """

    def __init__(self, database: Database, gateway: Gateway) -> None:
        self._gateway = gateway
        self._handler = EventHandler(database, gateway)

    async def delete(self, customer_id: str) -> None:
        """End what a customer could still pay, then delete it.

        Raises:
            ApiError: Stripe or the database could not serve; what was done stays so.
        """
        # Somebody may have deleted it by hand.
        with suppress(CustomerMissingError):
            await self._expire_sessions(customer_id)
            # After the sessions, which take their PaymentIntents along.
            await self._cancel_intents(customer_id)
        await self._gateway.delete_customer(customer_id)

    async def _expire_sessions(self, customer_id: str) -> None:
        listed = self._gateway.listed("checkout.sessions", customer=customer_id, status="open")
        for session in [each async for each in listed]:
            if reference_of(session) is not None:
                expired = await self._gateway.expire_checkout_session(session["id"])
                await self._note("checkout.session.expired", expired)

    async def _cancel_intents(self, customer_id: str) -> None:
        listed = self._gateway.listed("payment_intents", customer=customer_id)
        for intent in [each async for each in listed]:
            if reference_of(intent) is not None:
                cancelled = await self._cancelled(intent)
                await self._note("payment_intent.canceled", cancelled)
                if cancelled is not None:
                    # Last: by them it is known as ours if this run ends on the way.
                    await self._gateway.forget_user_of_payment_intent(intent["id"])

    async def _cancelled(self, intent: StripeObject) -> StripeObject | None:
        """Return a PaymentIntent cancelled, None if it cannot be."""
        if intent["status"] in _CANCELLABLE:
            return await self._gateway.cancel_payment_intent(intent["id"])
        return intent if intent["status"] == "canceled" else None

    async def _note(self, event_type: str, ended: StripeObject | None) -> None:
        """Note the end of a payment as if Stripe had just reported it."""
        if ended is not None:
            data: dict[str, Any] = dict(ended)
            await self._handler.handle(Event(event_type, EventData(data)))
