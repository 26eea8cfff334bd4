"""Throttles: how often somebody may try, and how long to wait when it was too often."""

import ipaddress
import math
import time
from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request

from api.errors import ApiError

_MOST_KEYS = 50_000


def too_many_attempts(retry_after: int) -> ApiError:
    """429: try again in `retry_after` seconds."""
    return ApiError(
        429,
        "too_many_attempts",
        "Too many attempts",
        {"retryAfterSeconds": retry_after},
        retry_after,
    )


class Throttle(Protocol):
    """Counts attempts by a key; one that counts for several processes fits in here too."""

    async def check(self, key: str) -> None:
        """Refuse the next attempt if there were too many.

        Raises:
            ApiError: 429 too_many_attempts.
        """

    async def count(self, key: str) -> None:
        """Count one attempt."""


class TokenBuckets:
    """A throttle within this process: `most` attempts at once, and as many anew in `seconds`.

    Attempts that are counted while others are under way may overdraw a bucket; the next ones
    wait the longer for it. The number of keys is bounded: the one idle for longest is forgotten.
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = float(most)
        self._rate = most / seconds
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    async def check(self, key: str) -> None:
        """Refuse the next attempt if there were too many."""
        left = self._left(key)
        if left < 1:
            raise too_many_attempts(max(1, math.ceil((1 - left) / self._rate)))

    async def count(self, key: str) -> None:
        """Count one attempt."""
        left = self._left(key) - 1
        self._buckets.pop(key, None)
        if len(self._buckets) >= _MOST_KEYS:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[key] = (left, self._clock())

    def _left(self, key: str) -> float:
        left, counted_at = self._buckets.get(key, (self._most, 0.0))
        return min(self._most, left + (self._clock() - counted_at) * self._rate)


def address_of(request: Request) -> str:
    """Return the address to count attempts by.

    That of the client, or the one that a trusted proxy names: uvicorn decides which proxies are
    trusted (FORWARDED_ALLOW_IPS). One holder of IPv6 has a whole /64 of addresses.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
