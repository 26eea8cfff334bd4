"""Trusted services, by the key that they present."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from api.http.errors import unauthenticated
from api.settings import ServiceKey


@dataclass(frozen=True, slots=True)
class Service:
    """A trusted service.

    Attributes:
        name: The name of the key that it presented.
        app_id: The app that it calls for, or None.
    """

    name: str
    app_id: str | None


class ServiceKeys:
    """The keys that services may present."""

    def __init__(self, keys: Sequence[ServiceKey]) -> None:
        self._digests = [(key.name, _digest(key.key.encode())) for key in keys]

    def name_of(self, presented: str) -> str:
        """Return the name of a key.

        It is compared with every key, by digests of one length: so the time that it takes tells
        nothing about them.

        Raises:
            ApiError: 401 unauthenticated.
        """
        digest = _digest(presented.encode("latin-1", "replace"))
        found: str | None = None
        for name, known in self._digests:
            if hmac.compare_digest(known, digest) and found is None:
                found = name
        if found is None:
            raise unauthenticated("A valid service key is needed")
        return found


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
