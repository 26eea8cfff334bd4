"""Jobs with Stripe: healing what lost webhooks left open, deleting erased customers."""

import logging
from datetime import timedelta
from typing import Final

from api.database.client import Database
from api.http.errors import ApiError
from api.payments.gateway import Gateway
from api.payments.rows import StripeCustomer
from worker.jobs import claim
from worker.stripe.erasure import ErasedCustomers
from worker.stripe.reconciliation import Finding, Reconciliation

logger = logging.getLogger("worker.stripe")

TICK_SECONDS: Final = 60.0
"""Seconds between two looks whether there is something to do."""

_BATCH: Final = 100


async def delete_erased_customers(database: Database, gateway: Gateway) -> bool:
    """Delete the customers of erased persons at Stripe, with what they could still pay.

    Returns whether there may be more.

    Raises:
        ApiError: Not all could be deleted; what is left waits for the next round.
    """
    customers = ErasedCustomers(database, gateway)
    due = await database.many("credits.list_customer_deletions", StripeCustomer, p_limit=_BATCH)
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


async def reconcile_stripe(
    database: Database, gateway: Gateway, interval: float, days: float
) -> bool:
    """Compare the last days with Stripe, if it is time to; one process does so for all.

    Raises:
        ApiError: Stripe or the database could not serve; what was healed stays so.
    """
    if await claim(database, "reconcile_stripe", interval):
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
