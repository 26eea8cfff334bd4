"""A guild's pool: funded, used, limited."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.api.live_api import Guild, LiveApi, at_once, ok, refused, unique


def poolless(api: LiveApi) -> Guild:
    """Return a guild whose pool nobody has opened."""
    guild = Guild(unique("guild"), api.user(10), api.user())
    api.issuer.set_member(guild.id, guild.owner.id, "owner")
    return guild


def test_a_funding_moves_credits_from_the_funder_to_the_pool(api: LiveApi) -> None:
    guild = api.guild()
    api.fund(guild.owner.id, 10)
    answer = ok(guild.owner.post(f"{guild.path}/fund", {"amount": Decimal("2.5")}))
    assert answer["success"] is True
    assert answer["personalBalance"] == {"balance": Decimal("7.5")}
    assert answer["poolBalance"] == {"balance": Decimal("2.5"), "totalFunded": Decimal("2.5")}
    assert answer["newBalance"] == {"balance": Decimal("2.5")}
    transaction = answer["transaction"]
    assert (transaction["type"], transaction["amount"]) == ("guild_funding", Decimal("-2.5"))
    assert (transaction["userId"], transaction["guildId"]) == (guild.owner.id, guild.id)


def test_a_funding_is_recorded_on_both_sides(api: LiveApi) -> None:
    guild = api.guild(10)
    assert [row["type"] for row in guild.owner.ledger()] == ["refund", "guild_funding"]
    [row] = guild.ledger()
    assert (row["amount"], row["balance_after"], row["user_id"]) == (10, 10, guild.owner.id)


def test_nobody_funds_with_more_than_they_have(api: LiveApi) -> None:
    guild = api.guild()
    api.fund(guild.owner.id, 3)
    answer = guild.owner.post(f"{guild.path}/fund", {"amount": 4})
    assert refused(answer, 402, "insufficient_credits") == {"required": 4, "available": 3}
    assert (guild.ledger(), guild.owner.amounts()) == ([], [3])


def test_a_use_debits_the_pool_and_nobody_else(api: LiveApi) -> None:
    guild = api.guild(10)
    api.fund(guild.member.id, 5)
    answer = ok(guild.use(guild.member, Decimal("2.5"), metadata={"a": 1}))
    assert answer["success"] is True
    assert answer["newBalance"] == {"balance": Decimal("7.5")}
    transaction = answer["transaction"]
    assert transaction["organizationId"] == guild.id
    assert transaction["userId"] == guild.member.id
    assert transaction["amount"] == Decimal("-2.5")
    assert transaction["metadata"] == {"a": 1}
    assert str(guild.ledger()[-1]["id"]) == transaction["id"]
    assert guild.member.amounts() == [5]


def test_a_use_with_a_guild_source_debits_the_pool(api: LiveApi) -> None:
    guild = api.guild(10)
    source = {"type": "guild", "guildId": guild.id}
    answer = ok(guild.member.use(4, creditSource=source))
    assert answer["newBalance"] == {"balance": 6, "totalSpent": 4}
    assert (guild.balance(), guild.member.amounts()) == (6, [])


def test_an_empty_pool_pays_nothing(api: LiveApi) -> None:
    guild = api.guild(3)
    details = refused(guild.use(guild.member, 4), 402, "insufficient_credits")
    assert details == {"required": 4, "available": 3}


def test_the_balance_of_a_pool_has_its_totals(api: LiveApi) -> None:
    guild = api.guild(10)
    ok(guild.use(guild.member, 4))
    answer = ok(guild.member.get(f"{guild.path}/balance"))
    assert answer == {"balance": 6, "totalFunded": 10, "totalSpent": 4}


def test_using_a_pool_that_does_not_exist_is_not_found(api: LiveApi) -> None:
    guild = poolless(api)
    refused(guild.use(guild.owner), 404, "guild_pool_not_found")
    source = {"type": "guild", "guildId": guild.id}
    refused(guild.owner.use(1, creditSource=source), 404, "guild_pool_not_found")


def test_funding_a_pool_that_does_not_exist_is_not_found(api: LiveApi) -> None:
    guild = poolless(api)
    answer = guild.owner.post(f"{guild.path}/fund", {"amount": 1})
    refused(answer, 404, "guild_pool_not_found")
    assert guild.owner.amounts() == [10]


def test_a_manager_sees_all_transactions_and_a_member_their_own(api: LiveApi) -> None:
    guild = api.guild(10)
    ok(guild.use(guild.member, 1))
    ok(guild.use(guild.owner, 2))
    all_of_them = ok(guild.owner.get(f"{guild.path}/transactions"))
    own = ok(guild.member.get(f"{guild.path}/transactions"))
    assert [row["amount"] for row in all_of_them] == [-2, -1, 10]
    assert [(row["userId"], row["amount"]) for row in own] == [(guild.member.id, -1)]


def test_the_pages_of_a_pool_lead_to_the_end(api: LiveApi) -> None:
    guild = api.guild(10)
    for _ in range(4):
        ok(guild.use(guild.member, 1))
    answer = guild.owner.get(f"{guild.path}/transactions", limit=2)
    seen = [row["amount"] for row in ok(answer)]
    while "next" in answer.links:
        headers = {"Origin": "https://shop.example", **guild.owner.headers}
        answer = api.client.get(answer.links["next"]["url"], headers=headers)
        seen += [row["amount"] for row in ok(answer)]
    assert seen == [-1, -1, -1, -1, 10]


NONE = {
    "dailyLimit": None,
    "weeklyLimit": None,
    "monthlyLimit": None,
    "unlimited": False,
    "until": None,
}


def limits(guild: Guild, who: Any = None) -> Any:
    member = who or guild.member
    return ok(guild.owner.get(f"{guild.path}/members/{member.id}/limits"))


def test_there_is_no_limit_at_first(api: LiveApi) -> None:
    assert limits(api.guild()) == NONE


def test_limits_are_set_and_returned(api: LiveApi) -> None:
    guild = api.guild()
    both = {"dailyLimit": Decimal("2.5"), "monthlyLimit": 100}
    assert guild.limit(guild.member, **both) == NONE | both
    assert limits(guild) == NONE | both


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"dailyLimit": 5, "monthlyLimit": 50}),
        ({"dailyLimit": 7}, {"dailyLimit": 7, "monthlyLimit": 50}),
        ({"monthlyLimit": 70}, {"dailyLimit": 5, "monthlyLimit": 70}),
        ({"dailyLimit": None}, {"dailyLimit": None, "monthlyLimit": 50}),
        ({"monthlyLimit": None}, {"dailyLimit": 5, "monthlyLimit": None}),
        ({"dailyLimit": 0}, {"dailyLimit": 0, "monthlyLimit": 50}),
    ],
    ids=repr,
)
def test_an_absent_limit_stays_and_null_removes_it(
    api: LiveApi, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    guild = api.guild()
    guild.limit(guild.member, dailyLimit=5, monthlyLimit=50)
    assert guild.limit(guild.member, **change) == NONE | expected
    assert limits(guild) == NONE | expected


@pytest.mark.parametrize("window", ["daily", "monthly"])
def test_a_limit_holds(api: LiveApi, window: str) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, **{f"{window}Limit": 5})
    ok(guild.use(guild.member, 3))
    details = refused(guild.use(guild.member, 3), 400, "spending_limit_exceeded")
    resets_at = datetime.fromisoformat(details.pop("resetsAt"))
    figures = {"limit": 5, "spent": 3, "requested": 3}
    assert details == {"scope": "member", "window": window, **figures}
    now = datetime.now(UTC)
    assert now < resets_at <= now + timedelta(days=1 if window == "daily" else 31)
    ok(guild.use(guild.member, 2))
    assert guild.balance() == 5


def test_a_limit_of_zero_blocks(api: LiveApi) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, dailyLimit=0)
    answer = guild.use(guild.member, Decimal("0.000001"))
    refused(answer, 400, "spending_limit_exceeded")


def test_a_limit_holds_for_a_guild_source_and_for_services(api: LiveApi) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, dailyLimit=1)
    source = {"type": "guild", "guildId": guild.id}
    refused(guild.member.use(2, creditSource=source), 400, "spending_limit_exceeded")
    body = {
        "userId": guild.member.id,
        "amount": 2,
        "appId": "chat",
        "description": "d",
        "creditSource": source,
    }
    answer = api.service.post("/internal/credits/use", body)
    refused(answer, 400, "spending_limit_exceeded")


def test_a_limit_is_one_members(api: LiveApi) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, dailyLimit=0)
    ok(guild.use(guild.owner, 3))


def test_thirty_uses_at_once_never_exceed_a_limit(api: LiveApi) -> None:
    guild = api.guild(100)
    guild.limit(guild.member, dailyLimit=10, monthlyLimit=20)
    answers = at_once(30, lambda _: guild.use(guild.member, 1))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [400] * 20
    assert guild.balance() == 90


def test_spending_is_told_with_what_remains(api: LiveApi) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, dailyLimit=5)
    ok(guild.use(guild.member, Decimal("1.5")))
    answer = ok(guild.member.get(f"{guild.path}/members/{guild.member.id}/spending"))
    assert answer == {
        "spentToday": Decimal("1.5"),
        "spentThisWeek": Decimal("1.5"),
        "spentThisMonth": Decimal("1.5"),
        "weeklyLimit": None,
        "dailyLimit": 5,
        "monthlyLimit": None,
        "weeklyRemaining": None,
        "dailyRemaining": Decimal("3.5"),
        "monthlyRemaining": None,
    }


def test_nothing_remains_below_a_limit_that_was_lowered(api: LiveApi) -> None:
    guild = api.guild(10)
    ok(guild.use(guild.member, 3))
    guild.limit(guild.member, dailyLimit=1)
    answer = ok(guild.member.get(f"{guild.path}/members/{guild.member.id}/spending"))
    assert answer["dailyRemaining"] == 0


def test_forty_at_once_on_the_last_credits_of_a_pool(api: LiveApi) -> None:
    guild = api.guild(10)
    answers = at_once(40, lambda _: guild.use(guild.member, 1))
    assert Counter(answer.status_code for answer in answers) == {200: 10, 402: 30}
    assert guild.balance() == 0


def test_funding_and_using_at_once_do_not_hinder_each_other(api: LiveApi) -> None:
    guild = api.guild(20)
    api.fund(guild.owner.id, 20)

    def one(i: int) -> httpx.Response:
        if i % 2:
            return guild.use(guild.owner, 1)
        return guild.owner.post(f"{guild.path}/fund", {"amount": 1})

    assert Counter(answer.status_code for answer in at_once(40, one)) == {200: 40}
    assert (guild.balance(), guild.owner.balance()) == (20, 0)
