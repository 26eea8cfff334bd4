"""Explanations whether a debit would pass now, and if not, why and when it would."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api.live_api import LiveApi, ok, refused, unique
from tests.api.service_calls import explain, reserve


def test_a_service_key_is_needed(api: LiveApi) -> None:
    refused(api.anyone.post("/internal/credits/explain", {}), 401, "unauthenticated")
    refused(api.user().post("/internal/credits/explain", {}), 401, "unauthenticated")


def test_a_debit_that_would_pass_would_pass_now(api: LiveApi) -> None:
    user = api.user(3)
    answer = ok(explain(api, user.id, 3))
    assert answer.pop("allowed") is True
    passes_at = datetime.fromisoformat(answer.pop("passesAt"))
    assert abs(datetime.now(UTC) - passes_at) < timedelta(minutes=1)
    assert answer == {}


def test_asking_changes_nothing(api: LiveApi) -> None:
    user, guild = api.user(3), api.guild(3)
    ok(explain(api, user.id, 2))
    ok(explain(api, guild.member.id, 2, guildId=guild.id))
    assert (user.amounts(), user.balance()) == ([3], 3)
    assert (len(guild.ledger()), guild.balance()) == (1, 3)
    assert ok(user.get("/credits/usage")) == []


def test_a_refusal_is_that_of_the_debit(api: LiveApi) -> None:
    user = api.user(3)
    answer = ok(explain(api, user.id, Decimal("3.5")))
    debit = user.use(Decimal("3.5"))
    details = refused(debit, 402, "insufficient_credits")
    assert answer == {
        "allowed": False,
        "refusal": "insufficient_credits",
        "message": debit.json()["message"],
        "details": details,
    }


def test_credits_that_are_held_come_back_when_the_hold_ends(api: LiveApi) -> None:
    user = api.user(3)
    hold = ok(reserve(api, user.id, 2, expiresInSeconds=600))
    answer = ok(explain(api, user.id, 2))
    assert (answer["refusal"], answer["passesAt"]) == ("insufficient_credits", hold["expiresAt"])


def test_a_limit_begins_anew_with_the_next_day(api: LiveApi) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, dailyLimit=3)
    ok(guild.use(guild.member, 2))
    answer = ok(explain(api, guild.member.id, 2, guildId=guild.id))
    assert answer["refusal"] == "spending_limit_exceeded"
    assert answer["details"]["spent"] == 2
    passes_at = datetime.fromisoformat(answer["passesAt"])
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert passes_at == datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC)


def test_a_pool_that_does_not_exist_refuses(api: LiveApi) -> None:
    answer = ok(explain(api, api.user(1).id, guildId=unique("guild")))
    assert (answer["allowed"], answer["refusal"]) == (False, "guild_pool_not_found")
    assert "passesAt" not in answer


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"amount": -1}, "amount"), ({"appId": None}, "appId"), ({"userId": "\n"}, "userId")],
)
def test_a_malformed_question_is_refused(api: LiveApi, fields: dict[str, Any], wrong: str) -> None:
    body = {"userId": "someone", "amount": 1, "appId": "chat", **fields}
    answer = api.service.post("/internal/credits/explain", body)
    assert refused(answer, 400, "invalid_request").keys() == {wrong}


def test_the_app_may_be_named_in_the_header(api: LiveApi) -> None:
    body = {"userId": api.user(1).id, "amount": 1}
    headers = {"X-App-Id": "search"}
    assert ok(api.service.post("/internal/credits/explain", body, headers=headers))["allowed"]
