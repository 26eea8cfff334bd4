"""The stand-in of mana-auth, asked the way the service asks it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from sandbox.issuer import Issuer
from sandbox.servers import ServerThread

SERVICE_KEY = "key of the service"


@pytest.fixture
def issuer() -> Issuer:
    return Issuer(SERVICE_KEY)


@pytest.fixture
def server(issuer: Issuer) -> Iterator[ServerThread]:
    with issuer.serve() as running:
        yield running


def verified(token: str, server: ServerThread) -> dict[str, Any]:
    keys = jwt.PyJWKClient(f"{server.url}/api/auth/jwks", cache_jwk_set=False)
    claims: dict[str, Any] = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["EdDSA"],
        audience="mana",
        issuer=server.url,
        options={"require": ["exp", "iat", "sub", "iss", "aud"]},
    )
    return claims


def member(server: ServerThread, path: str, key: str = SERVICE_KEY) -> httpx.Response:
    url = f"{server.url}/api/v1/internal/org/{path}"
    return httpx.get(url, headers={"X-Service-Key": key})


def test_its_tokens_are_verified_by_its_published_key(issuer: Issuer, server: ServerThread) -> None:
    claims = verified(issuer.token("u1", email="u1@example.com", name="Una"), server)
    assert (claims["sub"], claims["email"], claims["name"]) == ("u1", "u1@example.com", "Una")
    assert claims["role"] == "user"
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - time.time()) < 10


def test_claims_are_replaced_added_and_left_out(issuer: Issuer) -> None:
    token = issuer.token("u1", aud="other", exp=None, extra=[1])
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == "other"
    assert claims["extra"] == [1]
    assert "exp" not in claims
    assert "email" not in claims


def test_a_negative_lifetime_makes_a_token_that_has_ended(
    issuer: Issuer, server: ServerThread
) -> None:
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(issuer.token("u1", expires_in=-60), server)


def test_rotation_replaces_the_published_key(issuer: Issuer, server: ServerThread) -> None:
    old = issuer.token("u1")
    kid = issuer.rotate()
    assert jwt.get_unverified_header(issuer.token("u1"))["kid"] == kid
    verified(issuer.token("u1"), server)
    with pytest.raises(jwt.PyJWKClientError):
        verified(old, server)


def test_rotation_may_keep_the_old_key(issuer: Issuer, server: ServerThread) -> None:
    old = issuer.token("u1")
    issuer.rotate(keep_old=True)
    assert verified(old, server)["sub"] == "u1"


def test_keys_in_a_file_survive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    first = Issuer(SERVICE_KEY, keys_file=file)
    first.rotate(keep_old=True)
    second = Issuer(SERVICE_KEY, keys_file=file)
    assert second.kid == first.kid
    with second.serve() as server:
        first.url = server.url
        assert verified(first.token("u1"), server)["sub"] == "u1"


def test_tells_who_is_a_member(issuer: Issuer, server: ServerThread) -> None:
    issuer.set_member("g1", "u1", "owner")
    assert member(server, "g1/member/u1").json() == {"isMember": True, "role": "owner"}
    assert member(server, "g1/member/u2").json() == {"isMember": False, "role": None}
    issuer.remove_member("g1", "u1")
    assert member(server, "g1/member/u1").json() == {"isMember": False, "role": None}


def test_ids_in_the_path_are_quoted(issuer: Issuer, server: ServerThread) -> None:
    issuer.set_member("a/b", "ü c")
    assert member(server, "a%2Fb/member/%C3%BC%20c").json()["isMember"] is True


def test_membership_is_for_the_holder_of_the_service_key(server: ServerThread) -> None:
    assert member(server, "g1/member/u1", key="another").status_code == 401


def test_counts_what_it_was_asked(issuer: Issuer, server: ServerThread) -> None:
    verified(issuer.token("u1"), server)
    member(server, "g1/member/u1")
    member(server, "g1/member/u2")
    assert (issuer.jwks_requests, issuer.membership_requests) == (1, 2)


def test_fails_and_dawdles_on_demand(issuer: Issuer, server: ServerThread) -> None:
    issuer.faults.fail_with = 503
    assert member(server, "g1/member/u1").status_code == 503
    issuer.faults.reset()
    issuer.faults.delay = 0.2
    started = time.monotonic()
    assert member(server, "g1/member/u1").status_code == 200
    assert time.monotonic() - started >= 0.2
