"""Work that nobody asks for: what ran out of time is written down by itself."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from api.database import Functions
from api.metrics import JOB_RUNS
from api.rows import Claim, ExpiredGifts, SettledAccounts

logger = logging.getLogger("api.jobs")

_BATCH = 100
_JITTER = 0.2


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
    if (await functions.one("credits.claim_measurement", Claim)).claim_measurement:
        await functions.run("credits.measure")
    return False


# Each does one batch; several processes may do so at once: the functions share the work out.
JOBS: Final[tuple[Callable[[Functions], Awaitable[bool]], ...]] = (
    expire_gifts,
    expire_holds_and_credits,
    expire_attempts,
    measure,
)


class BackgroundJobs:
    """Does all jobs again and again while it is entered."""

    def __init__(self, functions: Functions, interval: float) -> None:
        self._functions = functions
        self._interval = interval
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

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
        """Stop after the batch that is under way."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _repeat(self) -> None:
        while not await self._stopped_within(self._pause()):
            for job in JOBS:
                try:
                    while not self._stopping.is_set() and await job(self._functions):
                        pass
                except Exception:
                    # The database may be away for a while; the next round tries again.
                    logger.exception("job failed", extra={"job": job.__name__})
                    JOB_RUNS.labels(job.__name__, "failed").inc()
                else:
                    JOB_RUNS.labels(job.__name__, "done").inc()

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _pause(self) -> float:
        """Return the interval, varied so that processes do not all call at once."""
        return self._interval * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
