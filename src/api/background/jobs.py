"""Work that nobody asks for, such as writing down what ran out of time."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import Self

from api.database.client import Database, Functions
from api.database.rows import Row
from api.observability.metrics import JOB_RUNS, expect_job_runs

logger = logging.getLogger("api.jobs")

_BATCH = 100
_JITTER = 0.2

# For the batch that is under way when a process is to end.
_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work.

    Attributes:
        name: For logs.
        work: Does one batch and returns whether there may be more. It may be cancelled at any
            moment, and several processes may do it at once.
    """

    name: str
    work: Callable[[], Awaitable[bool]]


class JobClaim(Row):
    """Whether this caller is the one to do a job."""

    claim_job: bool


class MeasurementClaim(Row):
    """Whether this caller is the one to measure now."""

    claim_measurement: bool


class DueErasure(Row):
    """Whether an erasure of a large account waits for its next step."""

    erasure_is_due: bool


class ErasureStep(Row):
    """Whether there was a step to do."""

    continue_erasure: bool


class ExpiredGifts(Row):
    """How many gifts were closed, and how much went back to their creators."""

    gifts_expired: int
    credits_refunded: Decimal


class SettledAccounts(Row):
    """How many accounts were brought up to date."""

    expire_due: int


async def expire_gifts(functions: Functions) -> bool:
    """Pay back what is left of expired gifts; return whether there may be more."""
    done = await functions.one("gifts.expire_gifts", ExpiredGifts, p_limit=_BATCH)
    if done.gifts_expired:
        extra = {"gifts": done.gifts_expired, "credits": str(done.credits_refunded)}
        logger.info("gifts expired", extra=extra)
    return done.gifts_expired == _BATCH


async def expire_holds_and_credits(functions: Functions) -> bool:
    """Free holds and let credits go that are past their time; return whether there may be more."""
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


class BackgroundJobs:
    """Does some jobs, one after the other, again and again while it is entered."""

    def __init__(self, jobs: tuple[Job, ...], interval: float) -> None:
        self._jobs = jobs
        self._interval = interval
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        expect_job_runs(job.name for job in jobs)

    async def __aenter__(self) -> Self:
        """Start."""
        self._task = asyncio.create_task(self._repeat())
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop after the batch that is under way, or in the middle of it if it takes too long."""
        self._stopping.set()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, _PATIENCE_SECONDS)

    async def _repeat(self) -> None:
        while not await self._stopped_within(self._pause()):
            for job in self._jobs:
                try:
                    while not self._stopping.is_set() and await job.work():
                        pass
                except Exception:
                    # The database may be away for a while; the next round tries again.
                    logger.exception("job failed", extra={"job": job.name})
                    JOB_RUNS.labels(job.name, "failed").inc()
                else:
                    JOB_RUNS.labels(job.name, "done").inc()

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _pause(self) -> float:
        """Return the interval, varied so that processes do not all call at once."""
        return self._interval * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
