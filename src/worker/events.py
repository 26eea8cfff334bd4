"""Events are put in order, delivered, and deleted when everybody is done with them."""

import logging
from functools import partial
from typing import Final

from api.database.client import Functions
from api.database.rows import Row
from worker.jobs import Job, JobClaim
from worker.webhooks import Webhooks

logger = logging.getLogger("worker.events")

_ORDERED_AT_ONCE: Final = 1000
_TRIMMED_AT_ONCE: Final = 10000
_TRIM_SECONDS: Final = 60.0


class OrderedEvents(Row):
    """The number of events that were given their positions."""

    order_events: int


class TrimmedEvents(Row):
    """The number of events deleted, and the consumers that are lost from now on."""

    deleted: int
    lost: list[str] | None


def event_jobs(functions: Functions, webhooks: Webhooks) -> tuple[Job, ...]:
    """Return the jobs, in the order in which an event meets them."""
    return (
        Job("order_events", partial(order_events, functions)),
        Job("deliver_webhooks", webhooks.start_due),
        Job("trim_events", partial(trim_events, functions)),
    )


async def order_events(functions: Functions) -> bool:
    """Give new events their places; return whether there may be more."""
    done = await functions.one("credits.order_events", OrderedEvents, p_limit=_ORDERED_AT_ONCE)
    return done.order_events == _ORDERED_AT_ONCE


async def trim_events(functions: Functions) -> bool:
    """Delete events that all consumers are done with, in one process, if it is time to."""
    claim = await functions.one(
        "credits.claim_job", JobClaim, p_name="trim_events", p_seconds=_TRIM_SECONDS
    )
    more = claim.claim_job
    while more:
        done = await functions.one("credits.trim_events", TrimmedEvents, p_limit=_TRIMMED_AT_ONCE)
        if done.lost:
            logger.error("consumers of events are lost", extra={"consumers": done.lost})
        more = done.deleted == _TRIMMED_AT_ONCE
    return False
