"""Work that nobody asks for: gifts that ran out of time pay back by themselves."""

import asyncio
import logging
import random
from types import TracebackType
from typing import Self

from api.database import Database
from api.rows import ExpiredGifts

logger = logging.getLogger("api.jobs")

_BATCH = 100
_JITTER = 0.2


class GiftExpiry:
    """Calls `gifts.expire_gifts` again and again while it is entered.

    Several processes may do so at once: the function shares the work among them.
    """

    def __init__(self, database: Database, interval: float) -> None:
        self._database = database
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
            try:
                await self._expire_all()
            except Exception:
                # The database may be away for a while; the next round tries again.
                logger.exception("gifts not expired")

    async def _expire_all(self) -> None:
        while not self._stopping.is_set():
            done = await self._database.one("gifts.expire_gifts", ExpiredGifts, p_limit=_BATCH)
            if done.gifts_expired:
                extra = {"gifts": done.gifts_expired, "credits": str(done.credits_refunded)}
                logger.info("gifts expired", extra=extra)
            if done.gifts_expired < _BATCH:
                return

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _pause(self) -> float:
        """Return the interval, varied so that processes do not all call at once."""
        return self._interval * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
