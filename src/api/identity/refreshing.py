"""What is fetched anew: for all who wait for it at once, and not too often."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Refreshing:
    """Fetches something, at most once in `pause` seconds."""

    def __init__(
        self,
        fetch: Callable[[], Coroutine[Any, Any, None]],
        pause: float,
        clock: Callable[[], float],
    ) -> None:
        self._fetch = fetch
        self._pause = pause
        self._clock = clock
        self._begun_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    @property
    def is_under_way(self) -> bool:
        """True while it is fetched."""
        return self._task is not None

    def begin(self) -> None:
        """Begin to fetch, unless that is under way or was begun just now."""
        if self._task is None and self._clock() - self._begun_at >= self._pause:
            self._begun_at = self._clock()
            self._task = asyncio.create_task(self._fetch())
            self._task.add_done_callback(self._end)

    async def end(self) -> None:
        """Wait for what is under way; who gives up does not end it for the others."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def close(self) -> None:
        """Stop what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _end(self, _: asyncio.Task[None]) -> None:
        self._task = None
