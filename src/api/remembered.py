"""Values that many ask for at once and again: fetched once for all of them, and not too often."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """A value that is fetched at most once in `seconds`, by default one.

    Whoever asks while it is fetched gets what comes. That it could not be fetched is not
    remembered.
    """

    def __init__(
        self,
        fetch: Callable[[], Coroutine[Any, Any, Value]],
        seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._seconds = seconds
        self._clock = clock
        self._task: asyncio.Task[Value] | None = None
        self._begun_at = 0.0

    def begin(self) -> "asyncio.Task[Value]":
        """Fetch it in the background if it is too old; return the task that has it."""
        if self._task is None or self._is_outdated(self._task):
            self._begun_at = self._clock()
            self._task = asyncio.create_task(self._fetch())
        return self._task

    async def get(self) -> Value:
        """Return the value; whoever goes away meanwhile leaves the others to wait for it.

        Raises:
            Exception: Whatever has kept it from being fetched.
        """
        return await asyncio.shield(self.begin())

    async def close(self) -> None:
        """Stop what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _is_outdated(self, task: "asyncio.Task[Value]") -> bool:
        if not task.done():
            return False
        failed = task.cancelled() or task.exception() is not None
        return failed or self._clock() - self._begun_at >= self._seconds
