"""Upkeep: expiries are written down, old attempts forgotten, large erasures finished."""

import logging
from decimal import Decimal
from functools import partial

from api.database.client import Database, Functions
from api.database.rows import Row
from worker.jobs import Job

logger = logging.getLogger("worker.upkeep")

_BATCH = 100


class MeasurementClaim(Row):
    """A sign whether this caller is the one to measure now."""

    claim_measurement: bool


class DueErasure(Row):
    """A sign whether an erasure of a large account waits for its next step."""

    erasure_is_due: bool


class ErasureStep(Row):
    """A sign whether there was a step to do."""

    continue_erasure: bool


class ExpiredGifts(Row):
    """The number of gifts closed, and the credits that went back to their creators."""

    gifts_expired: int
    credits_refunded: Decimal


class SettledAccounts(Row):
    """The number of accounts brought up to date."""

    expire_due: int


async def expire_gifts(functions: Functions) -> bool:
    """Pay back what is left of expired gifts; return whether there may be more."""
    done = await functions.one("gifts.expire_gifts", ExpiredGifts, p_limit=_BATCH)
    if done.gifts_expired:
        extra = {"gifts": done.gifts_expired, "credits": str(done.credits_refunded)}
        logger.info("gifts expired", extra=extra)
    return done.gifts_expired == _BATCH


async def expire_holds_and_credits(functions: Functions) -> bool:
    """End holds and credits that are past their time; return whether there may be more."""
    done = await functions.one("credits.expire_due", SettledAccounts, p_limit=_BATCH)
    if done.expire_due:
        logger.info("accounts settled", extra={"accounts": done.expire_due})
    return done.expire_due > 0


async def expire_attempts(functions: Functions) -> bool:
    """Forget attempts that no throttle counts any more; never leaves any for another batch."""
    await functions.run("credits.expire_attempts")
    return False


async def measure(functions: Functions) -> bool:
    """Add up where all credits are, if it is time to; one process does so for all."""
    claim = await functions.one("credits.claim_measurement", MeasurementClaim)
    if claim.claim_measurement:
        await functions.run("credits.measure")
    return False


async def erase(database: Database) -> bool:
    """Do the next step of an erasure that was too large for its call; return whether there was."""
    due = await database.one("credits.erasure_is_due", DueErasure)
    if not due.erasure_is_due:
        return False
    step = await database.one_patiently("credits.continue_erasure", ErasureStep)
    logger.info("step of an erasure")
    return step.continue_erasure


def erasure_job(database: Database) -> Job:
    """Return the job that finishes erasures of large accounts; processes share the work out."""
    return Job("erase", partial(erase, database))


def expiry_jobs(functions: Functions) -> tuple[Job, ...]:
    """Return the jobs that write down what time has done; processes share the work out."""
    return (
        Job("expire_gifts", partial(expire_gifts, functions)),
        Job("expire_holds_and_credits", partial(expire_holds_and_credits, functions)),
        Job("expire_attempts", partial(expire_attempts, functions)),
        Job("measure", partial(measure, functions)),
    )
