import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from api.http.errors import ApiError
from api.identity import mana_auth
from api.identity.signing_keys import SigningKeys
from sandbox.issuer import Issuer
from sandbox.servers import free_port

from .conftest import AuthServer, Clock

pytestmark = pytest.mark.anyio

PAUSE, FRESH, USABLE = 5.0, 300.0, 3600.0


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def keys(issuer: Issuer, client: httpx.AsyncClient, clock: Clock) -> SigningKeys:
    return SigningKeys(issuer.url, client, clock=clock)


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


async def code_of(call: Awaitable[Any]) -> str:
    with pytest.raises(ApiError) as caught:
        await call
    return caught.value.code


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_known_key_is_fetched_once(keys: SigningKeys, issuer: Issuer) -> None:
    for _ in range(5):
        assert await keys.find(issuer.kid)

    assert issuer.jwks_requests == 1


async def test_many_at_once_fetch_once(keys: SigningKeys, issuer: Issuer) -> None:
    issuer.faults.delay = 0.05

    found = await asyncio.gather(*(keys.find(issuer.kid) for _ in range(20)))

    assert all(found)
    assert issuer.jwks_requests == 1


async def test_a_flood_of_unknown_keys_fetches_once_in_a_pause(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    await keys.find(issuer.kid)
    for _ in range(3):
        clock.advance(PAUSE)
        for _ in range(50):
            assert not await keys.find(secrets.token_hex(8))

    assert issuer.jwks_requests == 1 + 3


async def test_nobody_waits_for_keys_that_drip_for_ever(
    keys: SigningKeys,
    issuer: Issuer,
    auth_server: AuthServer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mana_auth, "_TIMEOUT_SECONDS", 0.3)
    auth_server.serve_for_ever()
    assert await code_of(keys.find(issuer.kid)) == "auth_unavailable"

    auth_server.serve(issuer.app)
    clock.advance(PAUSE)
    assert await keys.find(issuer.kid)


async def test_keys_are_not_read_beyond_all_measure(keys: SigningKeys, issuer: Issuer) -> None:
    issuer.published_first = ["x" * 2_000_000]
    assert await code_of(keys.find(issuer.kid)) == "auth_unavailable"


async def test_a_rotated_key_is_honoured_after_the_pause(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    await keys.find(issuer.kid)
    fresh = issuer.rotate()

    assert not await keys.find(fresh)
    clock.advance(PAUSE)
    assert await keys.find(fresh)


async def test_a_withdrawn_key_is_no_longer_known(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    withdrawn = issuer.kid
    await keys.find(withdrawn)
    clock.advance(PAUSE)
    await keys.find(issuer.rotate())

    assert not await keys.find(withdrawn)


async def test_old_keys_are_fetched_again_without_waiting_for_it(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    await keys.find(issuer.kid)
    clock.advance(FRESH)

    assert await keys.find(issuer.kid)
    await eventually(lambda: issuer.jwks_requests == 2)


async def test_the_generation_changes_with_the_keys_only(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    await keys.find(issuer.kid)
    first = keys.generation
    clock.advance(PAUSE)
    await keys.find("unknown")
    unchanged = keys.generation
    clock.advance(PAUSE)
    await keys.find(issuer.rotate())

    assert unchanged == first
    assert keys.generation != first


async def test_keys_outlive_an_outage_for_a_bounded_time(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    await keys.find(issuer.kid)
    issuer.faults.fail_with = 500

    clock.advance(USABLE - 1)
    assert await keys.find(issuer.kid)
    await eventually(lambda: issuer.jwks_requests == 2)
    clock.advance(1)
    assert await code_of(keys.find(issuer.kid)) == "auth_unavailable"


async def test_without_keys_an_outage_is_told_as_such(keys: SigningKeys, issuer: Issuer) -> None:
    issuer.faults.fail_with = 500

    assert await code_of(keys.find(issuer.kid)) == "auth_unavailable"
    assert not keys.usable


async def test_an_unknown_key_during_an_outage_is_not_called_wrong(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    await keys.find(issuer.kid)
    issuer.faults.fail_with = 500
    clock.advance(PAUSE)

    assert await code_of(keys.find("unknown")) == "auth_unavailable"


async def test_the_end_of_an_outage_is_noticed(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    issuer.faults.fail_with = 500
    assert await code_of(keys.find(issuer.kid)) == "auth_unavailable"
    issuer.faults.reset()
    clock.advance(PAUSE)

    assert await keys.find(issuer.kid)


async def test_nobody_listening_is_an_outage(client: httpx.AsyncClient) -> None:
    keys = SigningKeys(f"http://127.0.0.1:{free_port()}", client)

    assert await code_of(keys.find("any")) == "auth_unavailable"


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"keys": None},
        {"keys": []},
        {"keys": [5]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "a"}]},
    ],
)
async def test_a_document_without_a_usable_key_is_an_outage(
    client: httpx.AsyncClient, auth_server: AuthServer, document: Any
) -> None:
    auth_server.serve_json(document)
    keys = SigningKeys(auth_server.url, client)

    assert await code_of(keys.find("a")) == "auth_unavailable"


async def test_a_key_beside_unusable_ones_is_found(
    client: httpx.AsyncClient, auth_server: AuthServer
) -> None:
    public = private_key().public_key()
    usable = {**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": "b", "alg": "RS256"}
    for_encryption = {**usable, "kid": "c", "use": "enc"}
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "a"}
    auth_server.serve_json({"keys": [secret, usable, for_encryption]})
    keys = SigningKeys(auth_server.url, client)

    assert await keys.find("b")
    assert not await keys.find("a")
    assert not await keys.find("c")


ODD_ENTRIES: list[Any] = [
    None,
    5,
    [],
    {},
    {"kid": "b"},
    {"kty": "OKP", "kid": ["b"]},
    {"kty": [], "kid": "b"},
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "b"},
    {"kty": "OKP", "crv": "X25519", "x": "A" * 43, "kid": "b"},
    {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "b"},
    {"kty": "RSA", "n": 5, "e": {}, "kid": "b"},
    {"kty": "oct", "k": "c2VjcmV0", "alg": "none", "kid": "b"},
    {"kty": "RSA", "n": "AQ", "e": "AQAB", "alg": "none", "kid": "b"},
]


@pytest.mark.parametrize("odd", ODD_ENTRIES, ids=repr)
async def test_an_odd_entry_harms_no_other(
    client: httpx.AsyncClient, auth_server: AuthServer, odd: Any
) -> None:
    usable = RSAAlgorithm.to_jwk(private_key().public_key(), as_dict=True)
    auth_server.serve_json({"keys": [odd, {**usable, "kid": "a"}, {**usable, "use": None}, odd]})
    keys = SigningKeys(auth_server.url, client)

    assert len(await keys.find("a")) == 1
    assert len(await keys.find(None)) == 1
    assert not await keys.find("b")


async def test_a_key_published_with_its_secret_still_verifies(
    client: httpx.AsyncClient, auth_server: AuthServer
) -> None:
    private = private_key()
    auth_server.serve_json({"keys": [RSAAlgorithm.to_jwk(private, as_dict=True)]})
    [key] = await SigningKeys(auth_server.url, client).find(None)

    token = jwt.encode({"sub": "u1"}, private, algorithm="RS256")
    assert jwt.decode(token, key, algorithms=["RS256"]) == {"sub": "u1"}


async def test_several_keys_may_have_one_id(keys: SigningKeys, issuer: Issuer) -> None:
    issuer.rotate(keep_old=True, kid=issuer.kid)

    assert len(await keys.find(issuer.kid)) == 2


async def test_a_token_without_a_key_id_means_the_only_key(
    keys: SigningKeys, issuer: Issuer, clock: Clock
) -> None:
    assert await keys.find(None) == await keys.find(issuer.kid)
    issuer.rotate(keep_old=True)
    clock.advance(PAUSE)
    await keys.find(issuer.kid)

    assert not await keys.find(None)
