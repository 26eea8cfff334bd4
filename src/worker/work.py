"""The work of a process, put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from api.database.client import Database
from api.payments.gateway import Gateway
from api.settings import Settings
from worker import upkeep
from worker.jobs import Job, Rounds
from worker.stripe.erasure import delete_erased_customers
from worker.stripe.reconciliation import reconcile_stripe
from worker.webhooks import Webhooks

# Between two looks whether there is something to do at Stripe.
_STRIPE_SECONDS = 60.0


@asynccontextmanager
async def working(settings: Settings, database: Database, gateway: Gateway) -> AsyncIterator[None]:
    """Do all of it while this is entered.

    Jobs that may take long have rounds of their own, so that no other job waits for them: seals,
    erasures with steps of minutes, and calls of Stripe.
    """
    webhooks = Webhooks(database)
    expiry_seconds = settings.expiry_interval_seconds
    rounds = [
        Rounds(
            expiry_seconds,
            expire_gifts=partial(upkeep.expire_gifts, database),
            expire_holds_and_credits=partial(upkeep.expire_holds_and_credits, database),
            expire_attempts=partial(upkeep.expire_attempts, database),
            measure=partial(upkeep.measure, database),
        ),
        # In the order in which an event meets them.
        Rounds(
            settings.events_interval_seconds,
            order_events=partial(upkeep.order_events, database),
            deliver_webhooks=webhooks.start_due,
            trim_events=partial(upkeep.trim_events, database),
        ),
        Rounds(expiry_seconds, seal=partial(upkeep.seal, database)),
        Rounds(expiry_seconds, erase=partial(upkeep.erase, database)),
    ]
    if settings.stripe_secret_key:
        rounds.append(_with_stripe(settings, database, gateway))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(webhooks.close)
        for each in rounds:
            await stack.enter_async_context(each)
        yield


def _with_stripe(settings: Settings, database: Database, gateway: Gateway) -> Rounds:
    """Return the rounds of what is done at Stripe; comparisons, unless their interval is 0."""
    interval = settings.stripe_reconcile_interval_seconds
    jobs: dict[str, Job] = {
        "delete_erased_customers": partial(delete_erased_customers, database, gateway)
    }
    if interval:
        days = settings.stripe_reconcile_days
        jobs["reconcile_stripe"] = partial(reconcile_stripe, database, gateway, interval, days)
    return Rounds(min(interval or _STRIPE_SECONDS, _STRIPE_SECONDS), **jobs)
