"""Jobs, and the rounds in which a process does them."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Self

from api.database.client import Functions
from api.observability.metrics import JOB_RUNS, expect_job_runs

logger = logging.getLogger("worker.jobs")

_JITTER = 0.2

# For the batch that is under way when a process is to end.
_PATIENCE_SECONDS = 2.0

# Does one batch and returns whether there may be more. It may be cancelled at any moment, and
# several processes may do it at once.
Job = Callable[[], Awaitable[bool]]


@asynccontextmanager
async def claimed(functions: Functions, job: str, seconds: float) -> AsyncIterator[bool]:
    """Tell whether this process is the one to do a job, which is done once in so many seconds.

    What is done without an error is noted: that is all that tells of a worker without metrics.
    """
    is_ours: bool = await functions.value("credits.claim_job", p_name=job, p_seconds=seconds)
    yield is_ours
    if is_ours:
        await functions.run("credits.end_job", p_name=job)


class Rounds:
    """Rounds of some jobs, one job after the other, for as long as this is entered."""

    def __init__(self, interval: float, **jobs: Job) -> None:
        self._jobs = jobs
        self._interval = interval
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        expect_job_runs(jobs)

    async def __aenter__(self) -> Self:
        """Start."""
        self._task = asyncio.create_task(self._repeat())
        return self

    async def __aexit__(self, *error: object) -> None:
        """Stop after the batch that is under way, or in the middle of it if it takes too long."""
        self._stopping.set()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, _PATIENCE_SECONDS)

    async def _repeat(self) -> None:
        while not await self._stopped_after_a_pause():
            for name, work in self._jobs.items():
                try:
                    while not self._stopping.is_set() and await work():
                        pass
                except Exception:
                    # The database may be away for a while; the next round tries again.
                    logger.exception("job failed", extra={"job": name})
                    JOB_RUNS.labels(name, "failed").inc()
                else:
                    JOB_RUNS.labels(name, "done").inc()

    async def _stopped_after_a_pause(self) -> bool:
        # Varied, so that processes do not all call at once.
        seconds = self._interval * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()
