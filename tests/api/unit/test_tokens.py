import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import RSAAlgorithm

from api.http.errors import ApiError
from api.identity.signing_keys import SigningKeys
from api.identity.tokens import Tokens
from sandbox.issuer import Issuer

from .conftest import AuthServer, Clock

pytestmark = pytest.mark.anyio

PAUSE, USABLE = 5.0, 3600.0


@pytest.fixture
def wall_clock() -> Clock:
    """The time that tokens speak of; of the other clock only seconds are counted."""
    return Clock(time.time())


@pytest.fixture
async def tokens(issuer: Issuer, clock: Clock, wall_clock: Clock) -> AsyncIterator[Tokens]:
    async with httpx.AsyncClient() as client:
        keys = SigningKeys(issuer.url, client, clock=clock)
        yield Tokens(issuer.url, keys, clock=wall_clock)


async def refused(tokens: Tokens, token: str) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        await tokens.verify(token)
    return caught.value.status, caught.value.code


async def told(tokens: Tokens, token: str) -> str:
    with pytest.raises(ApiError) as caught:
        await tokens.verify(token)
    return str(caught.value.message)


UNAUTHENTICATED = (401, "unauthenticated")
EXPIRED = "The token has expired"


@pytest.mark.parametrize("bits", [1024, 2048])
async def test_a_key_of_rsa_needs_2048_bits(auth_server: AuthServer, bits: int) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    auth_server.serve_json({"keys": [RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)]})
    ends_at = time.time() + 60
    claims = {"sub": "u1", "iss": auth_server.url, "aud": "mana", "exp": ends_at}
    token = jwt.encode(claims, private, algorithm="RS256")
    async with httpx.AsyncClient() as client:
        tokens = Tokens(auth_server.url, SigningKeys(auth_server.url, client))
        if bits < 2048:
            assert await refused(tokens, token) == UNAUTHENTICATED
        else:
            assert (await tokens.verify(token)).id == "u1"


async def test_a_user_is_who_the_token_says(tokens: Tokens, issuer: Issuer) -> None:
    user = await tokens.verify(
        issuer.token("u1", email="anna@x.example", name="Anna", matrix_id="@anna:x.example")
    )

    assert (user.id, user.email, user.name, user.matrix_id) == (
        "u1",
        "anna@x.example",
        "Anna",
        "@anna:x.example",
    )


@pytest.mark.parametrize(
    "claims", [{"email": 5}, {"email": "a\nb"}, {"name": ["x"]}, {"name": "\ud800"}]
)
async def test_an_odd_optional_claim_counts_as_none(
    tokens: Tokens, issuer: Issuer, claims: dict[str, Any]
) -> None:
    user = await tokens.verify(issuer.token("u1", **claims))

    assert (user.id, user.email, user.name) == ("u1", None, None)


async def test_a_name_that_is_an_address_is_not_a_name(tokens: Tokens, issuer: Issuer) -> None:
    user = await tokens.verify(issuer.token("u1", name="Anna <anna@x.example>"))

    assert user.name is None


async def test_an_overlong_token_is_refused_unread(tokens: Tokens, issuer: Issuer) -> None:
    token = issuer.token("u1", padding="x" * 10_000)

    assert await refused(tokens, token) == UNAUTHENTICATED
    assert issuer.jwks_requests == 0


async def test_another_signature_under_remembered_claims_is_refused(
    tokens: Tokens, issuer: Issuer
) -> None:
    token = issuer.token("u1")
    await remember(tokens, token)
    signed, _, signature = token.rpartition(".")
    altered = f"{signed}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"

    assert await refused(tokens, altered) == UNAUTHENTICATED


async def test_of_a_token_that_has_only_run_out_just_that_is_told(
    tokens: Tokens, issuer: Issuer, wall_clock: Clock
) -> None:
    token = issuer.token("u1", exp=wall_clock.now + 60)
    await remember(tokens, token)
    wall_clock.advance(60)

    assert await told(tokens, token) == EXPIRED
    assert await told(tokens, issuer.token("u1", expires_in=-3600)) == EXPIRED


@pytest.mark.parametrize("claims", [{"aud": "other"}, {"iss": "https://x.example"}, {"sub": ""}])
async def test_of_a_token_that_would_not_hold_anyway_its_end_is_not_told(
    tokens: Tokens, issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert await told(tokens, signed(issuer, issuer.private_key, exp=1, **claims)) != EXPIRED


async def test_of_a_forged_token_its_end_is_not_told(tokens: Tokens, issuer: Issuer) -> None:
    token = signed(issuer, Ed25519PrivateKey.generate(), exp=1)

    assert await told(tokens, token) != EXPIRED


async def test_of_two_keys_with_one_id_each_verifies_what_it_signed(
    tokens: Tokens, issuer: Issuer
) -> None:
    by_the_old_one = issuer.token("u1")
    issuer.rotate(keep_old=True, kid=issuer.kid)

    assert (await tokens.verify(by_the_old_one)).id == "u1"
    assert (await tokens.verify(issuer.token("u2"))).id == "u2"
    forged = signed(issuer, Ed25519PrivateKey.generate())
    assert await refused(tokens, forged) == UNAUTHENTICATED


async def test_a_new_key_under_the_id_of_the_old_one_is_honoured_after_the_pause(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    await tokens.verify(issuer.token("u1"))
    issuer.rotate(kid=issuer.kid)

    assert await refused(tokens, issuer.token("u1")) == UNAUTHENTICATED
    clock.advance(PAUSE)
    assert (await tokens.verify(issuer.token("u1"))).id == "u1"


async def test_a_flood_of_forged_tokens_fetches_once_in_a_pause(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    await tokens.verify(issuer.token("u1"))
    clock.advance(PAUSE)
    for n in range(20):
        forged = signed(issuer, Ed25519PrivateKey.generate(), sub=f"u{n}")
        assert await refused(tokens, forged) == UNAUTHENTICATED

    assert issuer.jwks_requests == 2


async def test_a_forged_token_during_an_outage_is_forged(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    await tokens.verify(issuer.token("u1"))
    issuer.faults.fail_with = 500
    clock.advance(PAUSE)

    forged = signed(issuer, Ed25519PrivateKey.generate())
    assert await refused(tokens, forged) == UNAUTHENTICATED


async def test_a_remembered_token_ends_when_it_says(
    tokens: Tokens, issuer: Issuer, wall_clock: Clock
) -> None:
    token = issuer.token("u1", exp=wall_clock.now + 60)
    await remember(tokens, token)
    wall_clock.advance(59)
    await tokens.verify(token)
    wall_clock.advance(1)

    assert await refused(tokens, token) == UNAUTHENTICATED


async def test_a_remembered_token_falls_with_its_key(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    token = issuer.token("u1")
    await remember(tokens, token)
    issuer.rotate()
    clock.advance(PAUSE)
    await tokens.verify(issuer.token("u2"))

    assert await refused(tokens, token) == UNAUTHENTICATED


async def test_a_remembered_token_does_not_outlive_usable_keys(
    tokens: Tokens, issuer: Issuer, clock: Clock
) -> None:
    token = issuer.token("u1")
    await remember(tokens, token)
    issuer.faults.fail_with = 500
    clock.advance(USABLE)

    assert await refused(tokens, token) == (503, "auth_unavailable")


async def remember(tokens: Tokens, token: str) -> None:
    """Verify twice: the keys are fetched by the first call, after which nothing is remembered."""
    await tokens.verify(token)
    await tokens.verify(token)


def signed(issuer: Issuer, key: Any, *, algorithm: str = "EdDSA", **changes: Any) -> str:
    """A token of the issuer's in all but what is changed."""
    ends_at = int(time.time()) + 60
    claims = {"sub": "u1", "iss": issuer.url, "aud": "mana", "exp": ends_at, **changes}
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        key,
        algorithm=algorithm,
        headers={"kid": issuer.kid},
    )
