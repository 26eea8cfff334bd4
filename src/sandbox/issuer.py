"""The stand-in of mana-auth: signs tokens, publishes their keys, knows who is in which guild."""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import Faults
from sandbox.secret_files import write_secret
from sandbox.servers import ServerThread

AUDIENCE = "mana"
_JWKS_PATH = "/api/auth/jwks"
_MEMBERS_PATH = "/api/v1/internal/org/"


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key and the id under which it is published."""

    kid: str
    private: Ed25519PrivateKey


class Issuer:
    """Issues tokens that the service accepts when its MANA_AUTH_URL is `url`.

    `service_key` is what the service must send to ask about members. With a `keys_file` the keys
    survive a restart, and the tokens with them. `faults` makes `app` refuse or dawdle.
    `published_first` is what stands in the document of keys before ours.
    """

    def __init__(
        self, service_key: str, *, url: str = "http://127.0.0.1", keys_file: Path | None = None
    ) -> None:
        self.url = url
        self.service_key = service_key
        self.faults = Faults()
        self.published_first: list[Any] = []
        self._keys_file = keys_file
        self._members: dict[tuple[str, str], str] = {}
        self._keys = _read_keys(keys_file) if keys_file and keys_file.exists() else []
        if not self._keys:
            self.rotate()
        self.app = Starlette(
            routes=[
                Route(_JWKS_PATH, self._jwks),
                Route(_MEMBERS_PATH + "{rest:path}", self._member),
            ]
        )

    def serve(self, port: int = 0) -> ServerThread:
        """Return a server of `app`, not started yet, and make its address our `url`."""
        server = ServerThread(self.app, port)
        self.url = server.url
        return server

    # Tokens

    @property
    def kid(self) -> str:
        """The id of the key that signs now."""
        return self._keys[-1].kid

    @property
    def private_key(self) -> Ed25519PrivateKey:
        """The key that signs now, for tests that put together tokens of their own."""
        return self._keys[-1].private

    def token(
        self,
        sub: str,
        *,
        email: str | None = None,
        name: str | None = None,
        role: str | None = "user",
        expires_in: float = 3600,
        headers: Mapping[str, str] | None = None,
        **claims: Any,
    ) -> str:
        """Return a signed token that ends in `expires_in` seconds (negative: it has ended).

        `claims` adds claims or replaces any; one that is None is left out. `headers` adds to the
        token's header or replaces its `kid`.
        """
        now = int(time.time())
        payload = {
            "sub": sub,
            "email": email,
            "name": name,
            "role": role,
            "aud": AUDIENCE,
            "iss": self.url,
            "iat": now,
            "exp": now + int(expires_in),
            **claims,
        }
        key = self._keys[-1]
        return jwt.encode(
            {claim: value for claim, value in payload.items() if value is not None},
            key.private,
            algorithm="EdDSA",
            headers={"kid": key.kid, **(headers or {})},
        )

    def rotate(self, *, keep_old: bool = False, kid: str | None = None) -> str:
        """Sign with a new key from now on, and return its id: `kid`, or one that is new too.

        The old keys are no longer published unless `keep_old`.
        """
        fresh = SigningKey(kid or secrets.token_hex(8), Ed25519PrivateKey.generate())
        self._keys = [*(self._keys if keep_old else []), fresh]
        if self._keys_file is not None:
            _write_keys(self._keys_file, self._keys)
        return fresh.kid

    # Guilds

    def set_member(self, guild_id: str, user_id: str, role: str = "member") -> None:
        """Make a user a member of a guild: as owner, admin or member."""
        self._members[guild_id, user_id] = role

    def remove_member(self, guild_id: str, user_id: str) -> None:
        """Take a user out of a guild; nothing happens if they are not in it."""
        self._members.pop((guild_id, user_id), None)

    # Requests

    @property
    def jwks_requests(self) -> int:
        """Requests for the keys so far."""
        return self.faults.count(_JWKS_PATH)

    @property
    def membership_requests(self) -> int:
        """Requests for a membership so far."""
        return self.faults.count(_MEMBERS_PATH)

    # Routes

    async def _jwks(self, request: Request) -> Response:
        if refusal := await self._refuse(request):
            return refusal
        ours = [_public_jwk(key) for key in self._keys]
        return JSONResponse({"keys": [*self.published_first, *ours]})

    async def _member(self, request: Request) -> Response:
        if refusal := await self._refuse(request):
            return refusal
        given = request.headers.get("x-service-key", "")
        if not hmac.compare_digest(given.encode("latin-1"), self.service_key.encode()):
            return JSONResponse({"statusCode": 401, "message": "Unauthorized"}, 401)
        # The raw path, because ids may hold a slash, quoted.
        raw = request.scope["raw_path"].decode("ascii").removeprefix(_MEMBERS_PATH)
        guild, _, user = raw.partition("/member/")
        role = self._members.get((unquote(guild), unquote(user)))
        return JSONResponse({"isMember": role is not None, "role": role})

    async def _refuse(self, request: Request) -> Response | None:
        path = request.url.path
        status = self.faults.refusal(request.method, path)
        await self.faults.pause(path)
        if status is None:
            return None
        return JSONResponse({"statusCode": status, "message": "Fault injected"}, status)


def _public_jwk(key: SigningKey) -> dict[str, Any]:
    jwk: dict[str, Any] = OKPAlgorithm.to_jwk(key.private.public_key(), as_dict=True)
    return {**jwk, "kid": key.kid, "alg": "EdDSA", "use": "sig"}


def _read_keys(path: Path) -> list[SigningKey]:
    return [
        SigningKey(kid, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))
        for kid, seed in json.loads(path.read_text(encoding="utf-8"))
    ]


def _write_keys(path: Path, keys: list[SigningKey]) -> None:
    raw = serialization.Encoding.Raw, serialization.PrivateFormat.Raw
    seeds = [
        (key.kid, key.private.private_bytes(*raw, serialization.NoEncryption()).hex())
        for key in keys
    ]
    write_secret(path, json.dumps(seeds))
