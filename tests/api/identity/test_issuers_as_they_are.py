"""Real auth services: another issuer than their address, odd key sets, several roles."""

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from sandbox.issuer import Issuer
from sandbox.stripe import StripeServer
from tests.api.live_api import SERVICE_KEY, Caller, LiveApi, ok, refused, serve_api, unique
from tests.databases import Database

ISSUER = "https://mana.example"


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    """An issuer that is not served yet."""
    return Issuer(SERVICE_KEY)


@pytest.fixture(scope="module")
def old_key(issuer: Issuer) -> Ed25519PrivateKey:
    """The issuer's key before it took another one under the same id; it publishes both."""
    old = issuer.private_key
    issuer.rotate(keep_old=True, kid=issuer.kid)
    return old


@pytest.fixture(scope="module")
def api(
    issuer: Issuer,
    old_key: Ed25519PrivateKey,
    common_database: Database,
    common_stripe: StripeServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveApi]:
    """An API whose issuer publishes its two keys after entries that are no keys of users."""
    stranger = OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate().public_key(), as_dict=True)
    issuer.published_first = [
        {"kid": issuer.kid},
        {"kty": "RSA", "n": "AQ", "e": "AQAB", "alg": "none", "kid": "other"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": issuer.kid},
        stranger,
    ]
    log = tmp_path_factory.mktemp("issuers") / "api.log"
    with (
        issuer.serve(),
        serve_api(common_database, issuer, common_stripe, log, MANA_AUTH_ISSUER=ISSUER) as api,
    ):
        yield api


def bearer(api: LiveApi, **claims: Any) -> Caller:
    token = api.issuer.token(unique("user"), **{"iss": ISSUER, **claims})
    return Caller(api, {"Authorization": f"Bearer {token}"})


def test_the_issuer_is_another_than_the_address(api: LiveApi) -> None:
    ok(bearer(api).get("/credits/balance"))
    refused(bearer(api, iss=api.issuer.url).get("/credits/balance"), 401, "unauthenticated")


def test_each_of_two_keys_with_one_id_verifies_what_it_signed(
    api: LiveApi, old_key: Ed25519PrivateKey
) -> None:
    ok(bearer(api).get("/credits/balance"))
    now = int(time.time())
    claims = {"sub": unique("user"), "iss": ISSUER, "aud": "mana", "exp": now + 60}
    by_the_old_one = jwt.encode(claims, old_key, "EdDSA", {"kid": api.issuer.kid})
    ok(Caller(api, {"Authorization": f"Bearer {by_the_old_one}"}).get("/credits/balance"))


def test_the_audience_is_one_of_several(api: LiveApi) -> None:
    ok(bearer(api, aud=["https://chat.example", "mana"]).get("/credits/balance"))
    refused(bearer(api, aud=["chat", "x"]).get("/credits/balance"), 401, "unauthenticated")


def test_of_a_token_that_has_only_run_out_just_that_is_told(api: LiveApi) -> None:
    answer = bearer(api, expires_in=-60).get("/credits/balance")
    refused(answer, 401, "unauthenticated")
    assert answer.json()["message"] == "The token has expired"


def test_a_token_needs_neither_name_nor_address(api: LiveApi) -> None:
    user_id = unique("user")
    token = api.issuer.token(user_id, iss=ISSUER, role=None)
    user = Caller(api, {"Authorization": f"Bearer {token}"})
    api.fund(user_id, 20)
    made = ok(user.post("/gifts", {"totalCredits": 5}), 201)
    assert ok(bearer(api).post(f"/gifts/{made['code']}/redeem", {}))["creatorName"] is None
    ok(user.post("/credits/use", {"amount": 1, "appId": "chat", "description": "An answer"}))
    ok(user.post("/credits/purchase", {"packageId": api.package()}))


@pytest.mark.parametrize(
    ("role", "status"), [("admin,member", 200), ("member, owner", 200), ("member,guest", 403)]
)
def test_one_of_several_roles_in_a_guild_is_enough(api: LiveApi, role: str, status: int) -> None:
    guild, user_id = unique("guild"), unique("user")
    api.issuer.set_member(guild, user_id, role)
    api.fund(user_id, 5)
    ok(api.service.post("/internal/guild-pool/init", {"organizationId": guild}))
    token = api.issuer.token(user_id, iss=ISSUER)
    user = Caller(api, {"Authorization": f"Bearer {token}"})
    assert user.post(f"/credits/guild/{guild}/fund", {"amount": 5}).status_code == status
