"""Values that are the same for everybody who asks: looked for once a second."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")

REMEMBERED_SECONDS = 1.0


class Remembered(Generic[Value]):
    """A value that is looked for only if the last one is older than a second.

    Whoever asks while it is looked for gets what is found. That it could not be found is not
    remembered.
    """

    def __init__(self, find: Callable[[], Coroutine[Any, Any, Value]]) -> None:
        self._find = find
        self._found: asyncio.Task[Value] | None = None
        self._since = 0.0

    async def get(self) -> Value:
        """Return the value; whoever goes away meanwhile leaves the others to wait for it."""
        if self._found is None or self._is_outdated(self._found):
            self._found = asyncio.create_task(self._find())
            self._since = time.monotonic()
        return await asyncio.shield(self._found)

    def _is_outdated(self, found: "asyncio.Task[Value]") -> bool:
        if not found.done():
            return False
        failed = found.cancelled() or found.exception() is not None
        return failed or time.monotonic() - self._since > REMEMBERED_SECONDS
