from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.http.errors import ApiError
from api.identity import mana_auth, membership
from api.identity.membership import Memberships, manages
from sandbox.issuer import Issuer
from sandbox.servers import free_port

from .conftest import AuthServer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def memberships(issuer: Issuer, client: httpx.AsyncClient) -> Memberships:
    return Memberships(issuer.url, issuer.service_key, client, ttl=0)


async def code_of(memberships: Memberships) -> str:
    with pytest.raises(ApiError) as caught:
        await memberships.of("g", "u")
    return caught.value.code


@pytest.fixture
def remembering(issuer: Issuer, client: httpx.AsyncClient) -> Memberships:
    return Memberships(issuer.url, issuer.service_key, client, ttl=15)


async def test_who_is_found_to_have_left_is_remembered_no_longer(
    remembering: Memberships, issuer: Issuer
) -> None:
    issuer.set_member("g", "u")
    await remembering.of("g", "u")
    issuer.remove_member("g", "u")

    assert not (await remembering.of("g", "u", enough=manages)).is_member
    assert not (await remembering.of("g", "u")).is_member


async def test_of_too_many_the_oldest_is_remembered_no_longer(
    remembering: Memberships, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "_MOST_REMEMBERED", 2)
    for user_id in ("u", "v", "w", "w", "u"):
        issuer.set_member("g", user_id)
        await remembering.of("g", user_id)

    assert issuer.membership_requests == 4


async def test_nothing_is_remembered_without_a_time_to_live(
    memberships: Memberships, issuer: Issuer
) -> None:
    issuer.set_member("g", "u")
    await memberships.of("g", "u")
    issuer.remove_member("g", "u")

    assert not (await memberships.of("g", "u")).is_member


async def test_nobody_waits_for_an_answer_that_drips_for_ever(
    memberships: Memberships, auth_server: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mana_auth, "_TIMEOUT_SECONDS", 0.3)
    auth_server.serve_for_ever()
    assert await code_of(memberships) == "auth_unavailable"


async def test_an_answer_is_not_read_beyond_all_measure(
    memberships: Memberships, auth_server: AuthServer
) -> None:
    auth_server.serve_json({"isMember": True, "padding": "x" * 2_000_000})
    assert await code_of(memberships) == "auth_unavailable"


@pytest.mark.parametrize("status", [301, 400, 401, 403, 429, 500, 502, 503])
async def test_a_refusal_to_answer_is_not_a_no(
    memberships: Memberships, issuer: Issuer, status: int
) -> None:
    issuer.faults.fail_with = status

    assert await code_of(memberships) == "auth_unavailable"


async def test_a_guild_that_mana_auth_does_not_know_has_no_members(
    memberships: Memberships, issuer: Issuer
) -> None:
    issuer.faults.fail_with = 404

    assert not (await memberships.of("g", "u")).is_member


async def test_a_wrong_service_key_is_not_a_no(issuer: Issuer, client: httpx.AsyncClient) -> None:
    assert await code_of(Memberships(issuer.url, "wrong", client, ttl=0)) == "auth_unavailable"


async def test_nobody_listening_is_not_a_no(client: httpx.AsyncClient) -> None:
    memberships = Memberships(f"http://127.0.0.1:{free_port()}", "key", client, ttl=0)

    assert await code_of(memberships) == "auth_unavailable"


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"isMember": "yes"}, {"isMember": 1}, {"isMember": True, "role": 5}]
)
async def test_an_answer_that_cannot_be_understood_is_not_a_no(
    memberships: Memberships, auth_server: AuthServer, answer: Any
) -> None:
    auth_server.serve_json(answer)

    assert await code_of(memberships) == "auth_unavailable"
