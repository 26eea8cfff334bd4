from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.http.errors import ApiError
from api.identity import membership
from api.identity.membership import Memberships, manages
from sandbox.issuer import Issuer
from sandbox.servers import free_port

from .conftest import AuthServer, Clock

pytestmark = pytest.mark.anyio

TTL = 15.0


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def memberships(issuer: Issuer, client: httpx.AsyncClient, clock: Clock) -> Memberships:
    return Memberships(issuer.url, issuer.service_key, client, ttl=TTL, clock=clock)


async def code_of(memberships: Memberships, guild_id: str = "g") -> str:
    with pytest.raises(ApiError) as caught:
        await memberships.of(guild_id, "u")
    return caught.value.code


async def test_a_member_has_a_role(memberships: Memberships, issuer: Issuer) -> None:
    issuer.set_member("g", "u", "admin")

    membership = await memberships.of("g", "u")

    assert (membership.is_member, membership.role) == (True, "admin")


async def test_nobody_waits_for_an_answer_that_drips_for_ever(
    memberships: Memberships, auth_server: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "_TIMEOUT_SECONDS", 0.3)
    auth_server.serve_for_ever()
    assert await code_of(memberships) == "auth_unavailable"


@pytest.mark.parametrize(
    ("role", "manager"),
    [
        ("admin,member", True),
        ("member, owner", True),
        ("member", False),
        ("member,administrator", False),
        ("", False),
    ],
)
async def test_one_of_several_roles_is_enough(
    memberships: Memberships, issuer: Issuer, role: str, manager: bool
) -> None:
    issuer.set_member("g", "u", role)

    assert manages(await memberships.of("g", "u")) is manager


async def test_a_member_is_remembered_for_a_while(
    memberships: Memberships, issuer: Issuer, clock: Clock
) -> None:
    issuer.set_member("g", "u")
    await memberships.of("g", "u")
    issuer.remove_member("g", "u")

    clock.advance(TTL - 1)
    assert (await memberships.of("g", "u")).is_member
    clock.advance(1)
    assert not (await memberships.of("g", "u")).is_member


async def test_a_stranger_is_not_remembered(memberships: Memberships, issuer: Issuer) -> None:
    assert not (await memberships.of("g", "u")).is_member
    issuer.set_member("g", "u")

    assert (await memberships.of("g", "u")).is_member


async def test_a_remembered_answer_that_is_not_enough_is_asked_for_again(
    memberships: Memberships, issuer: Issuer
) -> None:
    issuer.set_member("g", "u")
    await memberships.of("g", "u")
    issuer.set_member("g", "u", "admin")

    assert (await memberships.of("g", "u", enough=manages)).role == "admin"
    assert issuer.membership_requests == 2


async def test_a_remembered_answer_that_is_enough_stays_remembered(
    memberships: Memberships, issuer: Issuer
) -> None:
    issuer.set_member("g", "u", "owner")
    for _ in range(3):
        await memberships.of("g", "u", enough=manages)

    assert issuer.membership_requests == 1


async def test_who_is_found_to_have_left_is_remembered_no_longer(
    memberships: Memberships, issuer: Issuer
) -> None:
    issuer.set_member("g", "u")
    await memberships.of("g", "u")
    issuer.remove_member("g", "u")

    assert not (await memberships.of("g", "u", enough=manages)).is_member
    assert not (await memberships.of("g", "u")).is_member


async def test_of_too_many_the_oldest_is_remembered_no_longer(
    memberships: Memberships, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "_MOST_REMEMBERED", 2)
    for user_id in ("u", "v", "w", "w", "u"):
        issuer.set_member("g", user_id)
        await memberships.of("g", user_id)

    assert issuer.membership_requests == 4


async def test_nothing_is_remembered_without_a_time_to_live(
    issuer: Issuer, client: httpx.AsyncClient
) -> None:
    memberships = Memberships(issuer.url, issuer.service_key, client, ttl=0)
    issuer.set_member("g", "u")
    await memberships.of("g", "u")
    issuer.remove_member("g", "u")

    assert not (await memberships.of("g", "u")).is_member


async def test_ids_go_into_the_path_as_they_are(memberships: Memberships, issuer: Issuer) -> None:
    issuer.set_member("a b?c#d&e%f", "ü@x:y")

    assert (await memberships.of("a b?c#d&e%f", "ü@x:y")).is_member


@pytest.mark.parametrize("guild_id", [".", ".."])
async def test_a_dot_segment_is_nobodys_guild(
    memberships: Memberships, issuer: Issuer, guild_id: str
) -> None:
    assert not (await memberships.of(guild_id, "u")).is_member
    assert issuer.membership_requests == 0


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
    client: httpx.AsyncClient, auth_server: AuthServer, answer: Any
) -> None:
    auth_server.serve_json(answer)
    memberships = Memberships(auth_server.url, "key", client, ttl=0)

    assert await code_of(memberships) == "auth_unavailable"
