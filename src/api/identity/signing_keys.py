"""The public keys that tokens are signed with, fetched from mana-auth and remembered."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import jwt

from api.identity.mana_auth import UNANSWERED, ask, auth_unavailable
from api.remembered import Remembered

logger = logging.getLogger("api.identity")

JWKS_PATH = "/api/auth/jwks"

# The algorithm is the key's own, never the token's word; secrets (HS256) are no public keys.
ALGORITHMS = frozenset({"EdDSA", "ES256", "RS256"})

# Of an entry, what is public: with the rest, published by mistake, nothing could be verified.
_PARAMETERS = frozenset({"kty", "alg", "crv", "x", "y", "n", "e"})

FRESH_SECONDS = 300.0
USABLE_SECONDS = 3600.0
PAUSE_SECONDS = 5.0


class SigningKeys:
    """The keys of one issuer.

    PyJWT's own client is not used. It blocks a thread, and refuses a key that appears within 30
    seconds of its last fetch. It forgets everything as soon as its cache runs out, outage or not.

    A key id that is not known, or whose keys did not sign the token, makes us ask again. That is
    done at most once in `PAUSE_SECONDS`, and once for all that wait. So a fresh key is honoured
    within seconds, and a flood of unknown keys costs mana-auth next to nothing. Keys that are no
    longer fresh are fetched anew in the background; when that fails they stay usable for an hour.

    Attributes:
        generation: Changes whenever the keys do.
    """

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.generation = 0
        self._url = url + JWKS_PATH
        self._client = client
        self._clock = clock
        self._keys: Mapping[str | None, Sequence[jwt.PyJWK]] = {}
        self._published = b""
        self._fetched_at = float("-inf")
        self._reachable = True
        self.fetching = Remembered(self._fetch, PAUSE_SECONDS, clock)

    @property
    def usable(self) -> bool:
        """True if there are keys that may still be relied on."""
        return bool(self._keys) and self._clock() - self._fetched_at < USABLE_SECONDS

    async def find(self, key_id: str | None) -> Sequence[jwt.PyJWK]:
        """Return the keys of that id; for None those without one, or else the only key there is.

        Raises:
            ApiError: 503 auth_unavailable: mana-auth does not answer, and might know the key.
        """
        if self.usable and self._look_up(key_id):
            self.refresh_when_old()
        else:
            await self.fetching.get()
        keys = self._look_up(key_id) if self.usable else ()
        if not keys and not (self._reachable and self.usable):
            raise auth_unavailable()
        return keys

    async def find_newer(self, key_id: str | None) -> Sequence[jwt.PyJWK]:
        """Return the keys of an id if there are others than a moment ago, asking mana-auth.

        For a token that none of the known keys has signed: a rotation may have kept the id.
        """
        before = self.generation
        await self.fetching.get()
        return self._look_up(key_id) if self.generation != before else ()

    def refresh_when_old(self) -> None:
        """Begin to fetch the keys in the background if they are no longer fresh."""
        if self._clock() - self._fetched_at >= FRESH_SECONDS:
            self.fetching.begin()

    def _look_up(self, key_id: str | None) -> Sequence[jwt.PyJWK]:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id, ())

    async def _fetch(self) -> None:
        asked_at = self._clock()
        try:
            published = await ask(self._client, self._url)
            keys = _usable_keys(json.loads(published))
        except UNANSWERED as error:
            self._reachable = False
            logger.warning("signing keys not fetched", extra={"reason": type(error).__name__})
            return
        self._reachable = True
        self._fetched_at = asked_at
        if published != self._published:
            self._published = published
            self._keys = keys
            self.generation += 1


def _usable_keys(document: Any) -> dict[str | None, list[jwt.PyJWK]]:
    """Return the keys of a JWKS document that we can use, by id; others in it do no harm.

    Several may have one id, as after a rotation that kept it.

    Raises:
        ValueError: There is none, so that this cannot be what mana-auth means to publish.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    found: dict[str | None, list[jwt.PyJWK]] = {}
    for entry in listed if isinstance(listed, list) else []:
        key = _usable_key(entry)
        if key is not None:
            found.setdefault(entry.get("kid"), []).append(key)
    if not found:
        raise ValueError("no usable key")
    return found


def _usable_key(entry: Any) -> jwt.PyJWK | None:
    if not isinstance(entry, dict) or entry.get("use") not in (None, "sig"):
        return None
    if not isinstance(entry.get("kid"), str | None):
        return None
    try:
        key = jwt.PyJWK({name: entry[name] for name in _PARAMETERS & entry.keys()})
    except Exception:  # Whatever is odd about an entry, it must not cost the others.
        return None
    return key if key.algorithm_name in ALGORITHMS else None
