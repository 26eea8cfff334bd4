"""Trusted services, by the key that they present."""

import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from api.database.refusals import database_unavailable
from api.database.rows import Row
from api.http.errors import ApiError
from api.http.fields import Moment
from api.remembered import Remembered
from api.settings import ServiceKey

logger = logging.getLogger("api.identity")

# Rows are relied on for so long; the next caller after that has them read anew meanwhile.
FRESH_SECONDS = 2.0
# For so long at most, while the database answers: then callers wait for what is read.
USABLE_SECONDS = 5.0
# However many keys are not known, the database is asked at most once in so long.
PAUSE_SECONDS = 1.0


class KnownServiceKey(Row):
    """A key that a service may present, unless it was revoked; the environment's is number 0.

    `key_hash` is None where it stands for those of the environment with its name: they are refused.
    """

    name: str
    number: int
    key_hash: str | None
    revoked_at: Moment | None


# Reads the keys that were made, and is told the hashes of those that were used.
Read = Callable[[list[str]], Awaitable[Sequence[KnownServiceKey]]]


@dataclass(frozen=True, slots=True)
class Service:
    """A trusted service: the name of the key that it presented, and the app that it calls for."""

    name: str
    app_id: str | None


class ServiceKeys:
    """The keys that services may present: those of the environment, and those that were made.

    The latter are rows of the database, read anew every few seconds. A key that is not known has
    them read at once. Without the database the keys that are known go on; of others nobody can
    tell then.
    """

    def __init__(
        self,
        keys: Sequence[ServiceKey],
        read: Read,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environment = [
            KnownServiceKey(key.name, 0, _hash_of(key.key.encode()), None) for key in keys
        ]
        self._read = read
        self._clock = clock
        self._known = self._environment
        self._used: set[str] = set()
        self._read_at = float("-inf")
        self._failed = False
        self.reading = Remembered(self._read_anew, PAUSE_SECONDS, clock)

    async def name_of(self, presented: str) -> str:
        """Return the name of a key.

        Raises:
            ApiError: 401 unauthenticated, or 503 database_unavailable: it is not known, and whether
                it was made cannot be told now.
        """
        key_hash = _hash_of(presented.encode("latin-1", "replace"))
        found = await self._look_up(key_hash) if presented else None
        if found is None or found.revoked_at is not None:
            raise ApiError("unauthenticated", "A valid service key is needed")
        if found.number:
            self._used.add(key_hash)
        return found.name

    async def _look_up(self, key_hash: str) -> KnownServiceKey | None:
        age = self._clock() - self._read_at
        if age >= FRESH_SECONDS:
            self.reading.begin()
            if age >= USABLE_SECONDS and not self._failed:
                await self.reading.get()
        found = self._find(key_hash)
        if found is None:
            await self.reading.get()
            found = self._find(key_hash)
            if found is None and self._failed:
                raise database_unavailable()
        return found

    def _find(self, presented: str) -> KnownServiceKey | None:
        """Return the key with this hash; one that was revoked, wherever else it stands.

        It is compared with every key, by hashes of one length: so the time that it takes tells
        nothing about them.
        """
        found: KnownServiceKey | None = None
        for key in self._known:
            same = hmac.compare_digest(key.key_hash or "", presented)
            if same and (found is None or key.revoked_at is not None):
                found = key
        return found

    async def _read_anew(self) -> None:
        asked_at = self._clock()
        used, self._used = self._used, set()
        try:
            rows = await self._read(sorted(used))
        except Exception as error:  # Whatever it is, those whose keys are known go on.
            logger.warning("service keys not read", extra={"reason": repr(error)})
            self._failed = True
            self._used |= used
            return
        refused = {row.name for row in rows if row.key_hash is None}
        self._known = [key for key in self._environment if key.name not in refused]
        self._known += [row for row in rows if row.key_hash is not None]
        self._failed = False
        self._read_at = asked_at


def _hash_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()
