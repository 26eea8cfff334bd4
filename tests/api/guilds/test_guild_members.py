"""Rights to a guild's pool: mana-auth says who is in the guild."""

import httpx
import pytest

from sandbox.issuer import Issuer
from tests.api.live_api import (
    Guild,
    LiveApi,
    StartApi,
    User,
    at_once,
    ok,
    refused,
    unique,
    wait_until,
)

OF_MEMBERS = ["balance", "use", "transactions", "low-balance-alert"]
OF_MANAGERS = ["fund", "set limits", "set alert"]
OF_SELF_OR_MANAGERS = ["limits", "spending"]


def call(what: str, guild: Guild, who: User, about: User | None = None) -> httpx.Response:
    member = f"{guild.path}/members/{(about or who).id}"
    match what:
        case "use":
            return guild.use(who, 1)
        case "fund":
            return who.post(f"{guild.path}/fund", {"amount": 1})
        case "set limits":
            return who.put(f"{member}/limits", {"dailyLimit": 5})
        case "set alert":
            return who.put(f"{guild.path}/low-balance-alert", {"lowBalanceAt": 2})
        case "limits" | "spending":
            return who.get(f"{member}/{what}")
        case _:
            return who.get(f"{guild.path}/{what}")


@pytest.mark.parametrize("what", [*OF_MEMBERS, *OF_MANAGERS, *OF_SELF_OR_MANAGERS])
def test_a_stranger_may_do_nothing(api: LiveApi, what: str) -> None:
    guild, stranger = api.guild(5), api.user(5)
    refused(call(what, guild, stranger), 403, "not_a_guild_member")
    assert (guild.balance(), stranger.balance()) == (5, 5)


@pytest.mark.parametrize("what", [*OF_MEMBERS, *OF_SELF_OR_MANAGERS])
def test_a_member_may_do_this(api: LiveApi, what: str) -> None:
    guild = api.guild(5)
    ok(call(what, guild, guild.member))


@pytest.mark.parametrize("what", OF_MANAGERS)
def test_a_plain_member_may_not_do_this(api: LiveApi, what: str) -> None:
    guild = api.guild(5)
    api.fund(guild.member.id, 5)
    refused(call(what, guild, guild.member), 403, "guild_role_required")
    assert guild.member.amounts() == [5]


@pytest.mark.parametrize("what", OF_SELF_OR_MANAGERS)
def test_a_plain_member_may_not_look_at_others(api: LiveApi, what: str) -> None:
    guild = api.guild()
    refused(call(what, guild, guild.member, guild.owner), 403, "guild_role_required")


@pytest.mark.parametrize("role", ["owner", "admin"])
@pytest.mark.parametrize("what", [*OF_MEMBERS, *OF_MANAGERS, *OF_SELF_OR_MANAGERS])
def test_owners_and_admins_may_do_everything(api: LiveApi, what: str, role: str) -> None:
    guild, manager = api.guild(5), api.user(5)
    api.issuer.set_member(guild.id, manager.id, role)
    about = guild.member if what in ("set limits", *OF_SELF_OR_MANAGERS) else None
    ok(call(what, guild, manager, about))


@pytest.mark.parametrize("what", [*OF_MEMBERS, *OF_MANAGERS, *OF_SELF_OR_MANAGERS])
def test_an_outage_of_mana_auth_is_not_a_refusal(api: LiveApi, issuer: Issuer, what: str) -> None:
    guild, newcomer = api.guild(5), api.user(5)
    api.issuer.set_member(guild.id, newcomer.id, "owner")
    issuer.faults.path = "/api/v1/internal"
    issuer.faults.fail_with = 503
    refused(call(what, guild, newcomer), 503, "auth_unavailable")
    assert newcomer.amounts() == [5]


def test_a_membership_counts_in_its_own_guild_only(api: LiveApi) -> None:
    first, second = api.guild(5), api.guild(5)
    refused(second.use(first.member), 403, "not_a_guild_member")


def test_a_use_from_a_guild_source_needs_membership_too(api: LiveApi) -> None:
    guild, stranger = api.guild(5), api.user(5)
    source = {"type": "guild", "guildId": guild.id}
    refused(stranger.use(1, creditSource=source), 403, "not_a_guild_member")
    assert (guild.balance(), stranger.balance()) == (5, 5)


def test_ids_with_odd_characters_are_asked_after_as_they_are(api: LiveApi) -> None:
    guild_id = unique("a/b?c#d%2F e&ä")
    user = api.user()
    api.issuer.set_member(guild_id, user.id)
    ok(api.service.post("/internal/guild-pool/init", {"organizationId": guild_id}))
    quoted = httpx.URL("http://x/").copy_with(params={"id": guild_id}).query.decode()
    path = quoted.removeprefix("id=").replace("+", "%20")
    assert ok(user.get(f"/credits/guild/{path}/balance"))["balance"] == 0


@pytest.mark.parametrize("guild_id", ["%2e", "%2e%2e", "..%2f..%2fauth"])
def test_no_id_leads_to_another_question(api: LiveApi, guild_id: str) -> None:
    asked = api.issuer.faults.count("/api/v1/internal")
    answer = api.user().get(f"/credits/guild/{guild_id}/balance")
    refused(answer, 403, "not_a_guild_member")
    # A dot segment would be left out on the way: nothing is asked.
    assert api.issuer.faults.count("/api/v1/internal") == asked + ("%2f" in guild_id)


def test_a_membership_is_remembered_for_its_time_and_no_longer(
    own_issuer: Issuer, start_api: StartApi
) -> None:
    api = start_api(issuer=own_issuer, MEMBERSHIP_TTL_SECONDS="2")
    guild = api.guild()
    ok(guild.member.get(f"{guild.path}/balance"))
    asked = own_issuer.membership_requests
    own_issuer.remove_member(guild.id, guild.member.id)
    for answer in at_once(5, lambda _: guild.member.get(f"{guild.path}/balance")):
        ok(answer)
    assert own_issuer.membership_requests == asked
    path = f"{guild.path}/balance"
    wait_until(lambda: guild.member.get(path).status_code == 403, timeout=7)
    refused(guild.member.get(path), 403, "not_a_guild_member")


@pytest.mark.parametrize("what", [*OF_MANAGERS, *OF_SELF_OR_MANAGERS])
def test_a_promotion_counts_at_once(api: LiveApi, what: str) -> None:
    guild = api.guild(5)
    promoted = guild.member
    api.fund(promoted.id, 5)
    refused(call("fund", guild, promoted), 403, "guild_role_required")
    api.issuer.set_member(guild.id, promoted.id, "admin")
    about = None if what == "fund" else guild.owner
    ok(call(what, guild, promoted, about))


@pytest.mark.parametrize("what", OF_MANAGERS)
def test_a_role_that_suffices_is_remembered(api: LiveApi, what: str) -> None:
    guild = api.guild(5)
    api.fund(guild.owner.id, 5)
    asked = api.issuer.membership_requests
    for _ in range(3):
        ok(call(what, guild, guild.owner))
    assert api.issuer.membership_requests == asked


def test_that_somebody_is_no_member_is_never_remembered(api: LiveApi) -> None:
    guild, newcomer = api.guild(), api.user()
    refused(newcomer.get(f"{guild.path}/balance"), 403, "not_a_guild_member")
    api.issuer.set_member(guild.id, newcomer.id)
    ok(newcomer.get(f"{guild.path}/balance"))
