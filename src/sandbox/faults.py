"""Faults that tests switch on in a stand-in: refusals, delays, lost answers; and request counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

# How soon a request that waits sees that it need not any more.
_LOOK_SECONDS = 0.02


@dataclass
class Faults:
    """Faults of a stand-in. Set the fields from any thread; all of them are off at first.

    A fault concerns the requests whose path begins with `path`, by default all of them.
    """

    fail_with: int | None = None
    """Status to refuse every request with, before it has any effect."""

    delay: float = 0.0
    """Seconds to wait before a request is handled, or until this is switched off."""

    path: str = "/"
    """Beginning of the paths that the faults concern."""

    requests: Counter[str] = field(default_factory=Counter)
    """Requests that came in, refused ones included, by "METHOD /path"."""

    _failing: list[int] = field(default_factory=list)
    _losing: int = 0

    def fail_next(self, times: int, status: int = 500) -> None:
        """Refuse the next `times` requests with `status`, before they have any effect."""
        self._failing = [status] * times

    def lose_next(self, times: int) -> None:
        """Handle the next `times` requests, but answer 502 instead of the result."""
        self._losing = times

    def reset(self) -> None:
        """Switch everything off; the counts stay."""
        self.fail_with, self.delay, self.path = None, 0.0, "/"
        self._failing, self._losing = [], 0

    def count(self, path_start: str, method: str = "") -> int:
        """Return how many requests came in whose path begins so, of one method or of all."""
        return sum(
            number
            for request, number in self.requests.items()
            if request.startswith(f"{method} " if method else "")
            and request.partition(" ")[2].startswith(path_start)
        )

    def refusal(self, method: str, path: str) -> int | None:
        """Count a request, and return the status to refuse it with, if it is to be."""
        self.requests[f"{method} {path}"] += 1
        if not path.startswith(self.path):
            return None
        if self._failing:
            return self._failing.pop(0)
        return self.fail_with

    async def pause(self, path: str) -> None:
        """Wait as long as a request for this path has to, or until the delay is switched off."""
        if not path.startswith(self.path):
            return
        now = asyncio.get_running_loop().time
        end = now() + self.delay
        # Whoever switches it off is in another thread.
        while self.delay > 0 and (left := end - now()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left, _LOOK_SECONDS))

    def loses(self, path: str) -> bool:
        """Return whether the result of a request for this path is to be lost."""
        if not self._losing or not path.startswith(self.path):
            return False
        self._losing -= 1
        return True
