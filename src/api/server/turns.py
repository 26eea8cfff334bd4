"""Requests begin in turns: a few in each step of the loop, each caller's after one another.

Otherwise all that came in at once would begin in one step, and earlier requests would wait for them
at each step. One caller with many connections would slow everybody down.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterable

_AT_ONCE = 8


def caller_of(headers: Iterable[tuple[bytes, bytes]], client: tuple[str, int] | None) -> Hashable:
    """Return what tells callers apart: a user's token, else the address that they come from.

    Who comes with a service's key comes for many, and has a turn for each connection. Nobody has
    looked at the key yet, so beside a token it does not count. Neither do spaces or the case of the
    scheme in front of that. Otherwise one user could be as many as they like.
    """
    caller: Hashable = client and client[0]
    for name, value in headers:
        if name == b"authorization":
            return value.strip().rpartition(b" ")[2]
        if name == b"x-service-key":
            caller = client
    return caller


class Turns:
    """Lets requests begin, one of each caller's before another of any."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[Hashable, deque[Callable[[], None]]] = {}
        self._left = _AT_ONCE
        self._is_scheduled = False

    def take(self, caller: Hashable, begin: Callable[[], None]) -> None:
        """Begin a request: at once if few do in this step of the loop, else in its turn."""
        if self._left and not self._waiting:
            self._left -= 1
            begin()
        else:
            self._waiting.setdefault(caller, deque()).append(begin)
        self._schedule()

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_scheduled = False
        self._left = _AT_ONCE
        while self._left and self._waiting:
            self._left -= 1
            caller = next(iter(self._waiting))
            requests = self._waiting.pop(caller)
            begin = requests.popleft()
            if requests:
                self._waiting[caller] = requests
            begin()
        if self._left < _AT_ONCE:
            self._schedule()
