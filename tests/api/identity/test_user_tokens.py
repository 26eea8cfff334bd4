"""Users: which tokens hold, and which do not."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.api.live_api import Caller, LiveApi, ok, refused, unique, wait_until

USER_ROUTES = [
    ("GET", "/credits/balance"),
    ("POST", "/credits/use"),
    ("GET", "/credits/transactions"),
    ("GET", "/credits/purchases"),
    ("POST", "/credits/purchase"),
    ("GET", "/credits/purchase/01900000-0000-7000-8000-000000000001"),
    ("GET", "/credits/guild/g/balance"),
    ("POST", "/credits/guild/g/fund"),
    ("POST", "/credits/guild/g/use"),
    ("GET", "/credits/guild/g/transactions"),
    ("GET", "/credits/guild/g/members/m/limits"),
    ("PUT", "/credits/guild/g/members/m/limits"),
    ("GET", "/credits/guild/g/members/m/spending"),
    ("POST", "/gifts"),
    ("GET", "/gifts/me/created"),
    ("GET", "/gifts/me/received"),
    ("POST", "/gifts/ABCDEFGHJK/redeem"),
    ("DELETE", "/gifts/01900000-0000-7000-8000-000000000001"),
]


def ask(api: LiveApi, authorization: str | bytes) -> httpx.Response:
    headers: Any = {"Origin": "https://shop.example", "Authorization": authorization}
    return api.client.get("/api/v1/credits/balance", headers=headers)


def encoded(api: LiveApi, key: Any = None, algorithm: str = "EdDSA", **claims: Any) -> str:
    """Return a token that holds, but for the claims that differ; those that are None are absent."""
    now = int(time.time())
    good = {"sub": "someone", "iss": api.issuer.url, "aud": "mana", "iat": now, "exp": now + 60}
    return jwt.encode(
        {name: value for name, value in {**good, **claims}.items() if value is not None},
        api.issuer.private_key if key is None else key,
        algorithm=algorithm,
        headers={"kid": api.issuer.kid},
    )


@pytest.mark.parametrize(("method", "path"), USER_ROUTES)
def test_every_route_of_users_needs_a_token(api: LiveApi, method: str, path: str) -> None:
    refused(api.anyone.request(method, path, b"{}"), 401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), USER_ROUTES)
def test_a_service_key_opens_no_route_of_users(api: LiveApi, method: str, path: str) -> None:
    refused(api.service.request(method, path, b"{}"), 401, "unauthenticated")


def test_a_refusal_says_how_to_authenticate(api: LiveApi) -> None:
    assert api.anyone.get("/credits/balance").headers["www-authenticate"].startswith("Bearer")


def test_a_good_token_is_taken(api: LiveApi) -> None:
    assert ok(ask(api, f"Bearer {encoded(api)}"))["balance"] == 0


def test_the_scheme_is_not_case_sensitive(api: LiveApi) -> None:
    ok(ask(api, f"bearer {encoded(api)}"))


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer not-a-token",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer ....",
        "Bearer e30.e30.e30",
        "Bearer bnVsbA.bnVsbA.",
        "Bearer W10.W10.AAAA",
        f"Bearer {'a' * 9000}",
        "Basic c29tZW9uZTpwYXNzd29yZA==",
        b"Bearer \xff\xfe",
        "null",
    ],
)
def test_a_malformed_token_is_refused(api: LiveApi, authorization: str | bytes) -> None:
    refused(ask(api, authorization), 401, "unauthenticated")


def test_a_token_without_its_scheme_is_refused(api: LiveApi) -> None:
    refused(ask(api, encoded(api)), 401, "unauthenticated")


def test_a_token_in_the_query_is_not_looked_at(api: LiveApi) -> None:
    refused(api.anyone.get("/credits/balance", access_token=encoded(api)), 401, "unauthenticated")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": "9999999999"},
        {"exp": [1]},
        {"exp": 1e400},
        {"aud": "other"},
        {"aud": None},
        {"aud": []},
        {"aud": ["man", "a"]},
        {"aud": "MANA"},
        {"iss": "http://evil.example"},
        {"iss": None},
        {"iss": ""},
        {"nbf": 99_999_999_999},
        {"nbf": "0"},
        {"sub": None},
        {"sub": ""},
        {"sub": 17},
        {"sub": ["someone"]},
        {"sub": "x" * 129},
        {"sub": "some\x00one"},
        {"sub": "some\none"},
        {"sub": "\ud800"},
    ],
    ids=repr,
)
def test_a_token_whose_claims_do_not_hold_is_refused(api: LiveApi, claims: dict[str, Any]) -> None:
    # PyJWT itself would not sign some of these.
    payload = jwt.PyJWS().encode(
        _claims(api, claims),
        api.issuer.private_key,
        algorithm="EdDSA",
        headers={"kid": api.issuer.kid},
    )
    refused(ask(api, f"Bearer {payload}"), 401, "unauthenticated")


def _claims(api: LiveApi, changed: dict[str, Any]) -> bytes:
    now = int(time.time())
    good = {"sub": "someone", "iss": api.issuer.url, "aud": "mana", "iat": now, "exp": now + 60}
    both = {**good, **changed}
    return json.dumps({name: value for name, value in both.items() if value is not None}).encode()


def by_nobody(api: LiveApi) -> str:
    return encoded(api, key="", algorithm="none")


def by_the_public_key_as_a_secret(api: LiveApi) -> str:
    public = api.issuer.private_key.public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return encoded(api, key=raw, algorithm="HS256")


def by_another_key(api: LiveApi) -> str:
    return encoded(api, key=Ed25519PrivateKey.generate())


def by_nobody_any_more(api: LiveApi) -> str:
    return encoded(api).rpartition(".")[0] + "."


def for_somebody_else(api: LiveApi) -> str:
    header, _, signature = encoded(api).split(".")
    _, claims, _ = encoded(api, sub="the-victim").split(".")
    return f"{header}.{claims}.{signature}"


def under_an_embedded_key(api: LiveApi) -> str:
    own = Ed25519PrivateKey.generate()
    jwk = jwt.algorithms.OKPAlgorithm.to_jwk(own.public_key(), as_dict=True)
    claims = jwt.decode(encoded(api), options={"verify_signature": False})
    return jwt.encode(claims, own, algorithm="EdDSA", headers={"kid": api.issuer.kid, "jwk": jwk})


@pytest.mark.parametrize(
    "forge",
    [
        by_nobody,
        by_the_public_key_as_a_secret,
        by_another_key,
        by_nobody_any_more,
        for_somebody_else,
        under_an_embedded_key,
    ],
    ids=lambda forge: forge.__name__,
)
def test_a_forged_token_is_refused(api: LiveApi, forge: Callable[[LiveApi], str]) -> None:
    # One that holds first: what is remembered of it must not help the forged one.
    ok(ask(api, f"Bearer {encoded(api)}"))
    refused(ask(api, f"Bearer {forge(api)}"), 401, "unauthenticated")


def test_a_token_that_held_is_refused_once_it_has_ended(api: LiveApi) -> None:
    ends_at = int(time.time()) + 3
    token = encoded(api, exp=ends_at)
    ok(ask(api, f"Bearer {token}"))
    wait_until(lambda: time.time() >= ends_at)
    refused(ask(api, f"Bearer {token}"), 401, "unauthenticated")


def test_each_token_is_its_own_user(api: LiveApi) -> None:
    rich, poor = api.user(10), api.user()
    assert (rich.balance(), poor.balance()) == (10, 0)


def test_any_opaque_user_id_is_taken(api: LiveApi) -> None:
    for user_id in (unique("a b/c?d#e%2F&'\";--"), unique("ä🙂"), unique("x").ljust(128, "y")):
        token = api.issuer.token(user_id)
        api.fund(user_id, 5)
        assert ok(ask(api, f"Bearer {token}"))["balance"] == 5


def test_the_same_person_is_a_caller_with_any_valid_token(api: LiveApi) -> None:
    user = api.user(10)
    other_device = Caller(api, {"Authorization": f"Bearer {api.issuer.token(user.id)}"})
    assert ok(other_device.get("/credits/balance"))["balance"] == 10
