"""Routes that trusted services call on behalf of people."""

from decimal import Decimal

import pytest

from tests.api.live_api import LiveApi, at_once, ok, refused, unique


def test_a_balance_counts_its_transactions(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(4))
    answer = ok(api.service.get(f"/internal/credits/balance/{user.id}"))
    assert answer == {
        "balance": 6,
        "totalEarned": 10,
        "totalSpent": 4,
        "reserved": 0,
        "transactionsCount": 2,
    }


def test_a_user_never_seen_has_zeros(api: LiveApi) -> None:
    user_id = unique("user")
    answer = ok(api.service.get(f"/internal/credits/balance/{user_id}"))
    assert set(answer.values()) == {0}
    assert not api.audit("select * from credits.balances where user_id = %s", user_id)


def test_a_user_id_is_taken_from_the_path_as_it_is(api: LiveApi) -> None:
    user_id = unique("a/b?c d%")
    api.fund(user_id, 5)
    quoted = "".join(f"%{byte:02x}" for byte in user_id.encode())
    assert ok(api.service.get(f"/internal/credits/balance/{quoted}"))["balance"] == 5


def test_a_service_uses_the_credits_of_a_user(api: LiveApi) -> None:
    user = api.user(10)
    body = {"userId": user.id, "amount": Decimal("0.02"), "appId": "chat", "description": "d"}
    answer = ok(api.service.post("/internal/credits/use", body))
    assert answer["newBalance"] == {"balance": Decimal("9.98"), "totalSpent": Decimal("0.02")}
    assert answer["transaction"]["userId"] == user.id
    assert user.amounts() == [10, Decimal("-0.02")]


def test_a_service_needs_an_app_to_use_for(api: LiveApi) -> None:
    body = {"userId": unique("user"), "amount": 1, "description": "d"}
    details = refused(api.service.post("/internal/credits/use", body), 400, "invalid_request")
    assert details.keys() == {"appId"}


def test_a_service_uses_the_credits_of_a_guild(api: LiveApi) -> None:
    guild = api.guild(10)
    body = {
        "userId": guild.member.id,
        "amount": 4,
        "appId": "chat",
        "description": "d",
        "creditSource": {"type": "guild", "guildId": guild.id},
    }
    answer = ok(api.service.post("/internal/credits/use", body))
    assert answer["transaction"]["organizationId"] == guild.id
    assert (guild.balance(), guild.member.amounts()) == (6, [])


def test_a_refund_credits_the_user(api: LiveApi) -> None:
    user = api.user()
    body = {
        "userId": user.id,
        "amount": 5,
        "description": "Sorry",
        "appId": "chat",
        "metadata": {"ticket": 17},
    }
    answer = ok(api.service.post("/internal/credits/refund", body))
    assert (answer["success"], answer["newBalance"]) == (True, {"balance": 5})
    transaction = answer["transaction"]
    assert (transaction["type"], transaction["amount"]) == ("refund", 5)
    [row] = user.ledger()
    assert (row["app_id"], row["metadata"], row["description"]) == ("chat", {"ticket": 17}, "Sorry")


@pytest.mark.parametrize("missing", ["userId", "amount", "description"])
def test_a_refund_needs_its_fields(api: LiveApi, missing: str) -> None:
    body = {"userId": unique("user"), "amount": 5, "description": "Sorry"}
    del body[missing]
    answer = api.service.post("/internal/credits/refund", body)
    assert refused(answer, 400, "invalid_request").keys() == {missing}


def test_an_account_is_opened(api: LiveApi) -> None:
    user = api.user()
    answer = ok(api.service.post("/internal/credits/init", {"userId": user.id}))
    assert answer["userId"] == user.id
    totals = ("balance", "totalEarned", "totalSpent", "reserved")
    assert [answer[name] for name in totals] == [0] * 4


def test_an_account_is_opened_once_however_many_ask_at_once(api: LiveApi) -> None:
    body = {"userId": unique("user")}
    answers = at_once(10, lambda _: api.service.post("/internal/credits/init", body))
    assert len({str(ok(answer)) for answer in answers}) == 1


def test_opening_an_account_that_is_there_changes_nothing(api: LiveApi) -> None:
    user = api.user(10)
    answer = ok(api.service.post("/internal/credits/init", {"userId": user.id}))
    assert answer["balance"] == 10
    assert user.amounts() == [10]


def test_a_pool_is_opened_once_however_many_ask_at_once(api: LiveApi) -> None:
    guild_id = unique("guild")
    body = {"organizationId": guild_id}
    answers = at_once(10, lambda _: api.service.post("/internal/guild-pool/init", body))
    pools = {str(ok(answer)) for answer in answers}
    assert len(pools) == 1
    pool = ok(answers[0])
    assert pool["organizationId"] == guild_id
    assert [pool[name] for name in ("balance", "totalFunded", "totalSpent")] == [0] * 3


def test_opening_a_pool_that_is_there_changes_nothing(api: LiveApi) -> None:
    guild = api.guild(10)
    body = {"organizationId": guild.id}
    assert ok(api.service.post("/internal/guild-pool/init", body))["balance"] == 10


def test_forty_at_once_on_the_last_credits(api: LiveApi) -> None:
    user = api.user(10)
    answers = at_once(40, lambda _: user.use(1))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] * 10 + [402] * 30
    assert user.balance() == 0
    balances = [row["balance_after"] for row in user.ledger()]
    assert balances == list(range(10, -1, -1))
