"""Users' tokens: JWTs signed by mana-auth."""

import hashlib
import math
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jwt

from api.http.errors import ApiError
from api.http.fields import PLAIN_CHARACTER
from api.http.parameters import is_id
from api.identity.signing_keys import SigningKeys

AUDIENCE = "mana"

# Checked before anything is decoded, so that the work that a stranger can cause is bounded.
_LONGEST_TOKEN = 8192

_MOST_REMEMBERED = 10_000
_LONGEST_EMAIL = 254
_LONGEST_NAME = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PLAIN = re.compile(f"{PLAIN_CHARACTER}+")

_OPTIONS: Any = {
    "require": ["exp", "sub", "iss", "aud"],
    # Says nothing about whether a token holds, and clocks differ by a second.
    "verify_iat": False,
    # Looked at last, so that of a token that has only run out just that is told.
    "verify_exp": False,
    "enforce_minimum_key_length": True,
}

# PyJWT lets a few of Python's own errors through when a claim has an odd type.
_NOT_VALID = (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError)

# It was not this key that signed.
_OF_ANOTHER_KEY = (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError, jwt.InvalidKeyError)

# Clients ask for a new token on these words.
_EXPIRED = "The token has expired"

# Told only of tokens whose signature holds.
_WRONG_CLAIMS: dict[type[Exception], str] = {
    jwt.InvalidIssuerError: "The token is not from the issuer that is trusted here (iss)",
    jwt.InvalidAudienceError: f"The token is not for this service: aud has to hold {AUDIENCE}",
    jwt.ImmatureSignatureError: "The token does not hold yet (nbf)",
}


@dataclass(frozen=True, slots=True)
class User:
    """A user, as the token says; the name is one to show to others, and never an e-mail address."""

    id: str
    email: str | None = None
    name: str | None = None
    matrix_id: str | None = None
    roles: frozenset[str] = frozenset()


class Tokens:
    """Verifies tokens of one issuer, and remembers those that held until they end.

    Verifying a signature costs a quarter of a millisecond, and clients send one token many times.
    """

    def __init__(
        self, issuer: str, keys: SigningKeys, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._issuers = (issuer, issuer + "/")
        self._keys = keys
        self._clock = clock
        self._remembered: dict[bytes, tuple[float, User]] = {}
        self._generation = keys.generation

    async def verify(self, token: str) -> User:
        """Return the user of a token.

        Raises:
            ApiError: 401 unauthenticated, or 503 auth_unavailable when it cannot be told.
        """
        if len(token) > _LONGEST_TOKEN:
            raise ApiError("unauthenticated", "The token is too long")
        # The digest is of the whole token: a part of it would let another signature pass.
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        user = self._recall(digest)
        if user is not None:
            return user
        key_id = _key_id(token)
        keys = await self._keys.find(key_id)
        try:
            claims = self._claims(token, keys) or self._claims(
                token, await self._keys.find_newer(key_id)
            )
            if claims is None:
                raise ApiError(
                    "unauthenticated", "The token is not signed with a key that is known"
                )
            ends_at = _moment(claims["exp"])
            _moment(claims.get("nbf", 0))
        except _NOT_VALID as error:
            raise ApiError("unauthenticated", _told(error)) from None
        user = _user(claims)
        if self._clock() >= ends_at:
            raise ApiError("unauthenticated", _EXPIRED)
        self._remember(digest, ends_at, user)
        return user

    def _claims(self, token: str, keys: Sequence[jwt.PyJWK]) -> dict[str, Any] | None:
        """Return what a token says; None if none of the keys has signed it.

        Raises:
            One of `_NOT_VALID`.
        """
        for key in keys:
            with suppress(*_OF_ANOTHER_KEY):
                return jwt.decode(
                    token,
                    key,
                    algorithms=[key.algorithm_name],
                    audience=AUDIENCE,
                    issuer=self._issuers,
                    options=_OPTIONS,
                )
        return None

    def _recall(self, digest: bytes) -> User | None:
        self._keys.refresh_when_old()
        if self._generation != self._keys.generation or not self._keys.usable:
            self._remembered.clear()
            self._generation = self._keys.generation
            return None
        ends_at, user = self._remembered.get(digest, (0.0, None))
        return user if self._clock() < ends_at else None

    def _remember(self, digest: bytes, ends_at: float, user: User) -> None:
        if self._generation != self._keys.generation:
            return
        if len(self._remembered) >= _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = (ends_at, user)


def _key_id(token: str) -> str | None:
    try:
        header = jwt.get_unverified_header(token)
    except _NOT_VALID:
        raise ApiError("unauthenticated", "A valid token is needed") from None
    key_id: str | None = header.get("kid")
    return key_id


def _moment(claim: object) -> float:
    """Return a NumericDate, which is a number; PyJWT takes the text of one as well."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise TypeError("must be a number")
    if not math.isfinite(claim):
        raise ArithmeticError("must be a finite number")
    return float(claim)


def _user(claims: dict[str, Any]) -> User:
    subject = claims["sub"]
    if not is_id(subject):
        raise ApiError("unauthenticated", "The token names nobody: sub has to be the id of a user")
    email = _plain(claims.get("email"), _LONGEST_EMAIL)
    name = _plain(claims.get("name"), _LONGEST_NAME)
    return User(
        id=subject,
        email=email if email is not None and _EMAIL.fullmatch(email) else None,
        # Shown to whoever has a gift's code, so one with an address in it is left out.
        name=name if name is not None and not _EMAIL.search(name) else None,
        matrix_id=_plain(claims.get("matrix_id", claims.get("matrixId")), _LONGEST_NAME),
        roles=_roles(claims.get("role")),
    )


def _roles(claim: object) -> frozenset[str]:
    """Return the roles of a claim: a text with commas between them, or a list of texts."""
    parts = claim if isinstance(claim, list) else [claim]
    texts = [part for part in parts if isinstance(part, str)]
    return frozenset(role.strip() for text in texts for role in text.split(","))


def _plain(claim: object, longest: int) -> str | None:
    """Return an optional claim if it is a text that can be stored; a token holds without it."""
    if isinstance(claim, str) and len(claim) <= longest and _PLAIN.fullmatch(claim):
        return claim
    return None


def _told(error: Exception) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"The token has no {error.claim}"
    return _WRONG_CLAIMS.get(type(error), "A valid token is needed")
