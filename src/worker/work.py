"""The work of a process, put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from api.database.client import Database
from api.payments.gateway import Gateway
from api.settings import Settings
from worker.events import event_jobs
from worker.jobs import Rounds
from worker.sealing import sealing_job
from worker.stripe.jobs import TICK_SECONDS, stripe_jobs
from worker.upkeep import erasure_job, expiry_jobs
from worker.webhooks import Webhooks


@asynccontextmanager
async def working(settings: Settings, database: Database, gateway: Gateway) -> AsyncIterator[None]:
    """Do all of it while this is entered.

    Jobs that may take long have rounds of their own, so that no other job waits for them: seals,
    erasures with steps of minutes, and calls of Stripe.
    """
    webhooks = Webhooks(database)
    rounds = [
        Rounds(expiry_jobs(database), settings.expiry_interval_seconds),
        Rounds(event_jobs(database, webhooks), settings.events_interval_seconds),
        Rounds((sealing_job(database),), settings.expiry_interval_seconds),
        Rounds((erasure_job(database),), settings.expiry_interval_seconds),
    ]
    if settings.stripe_secret_key:
        interval = settings.stripe_reconcile_interval_seconds
        jobs = stripe_jobs(database, gateway, interval, settings.stripe_reconcile_days)
        rounds.append(Rounds(jobs, min(interval or TICK_SECONDS, TICK_SECONDS)))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(webhooks.close)
        for each in rounds:
            await stack.enter_async_context(each)
        yield
