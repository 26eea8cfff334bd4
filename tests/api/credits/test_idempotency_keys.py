"""One key, one movement: retries of every call that moves credits."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.live_api import (
    REPEATED,
    SHOP,
    Guild,
    LiveApi,
    User,
    at_once,
    ok,
    refused,
    replay_of,
    unique,
)
from tests.api.service_calls import grant


def test_a_repeated_use_returns_the_first_result(api: LiveApi) -> None:
    user = api.user(10)
    first = ok(user.use(4, key="answer-1"))
    ok(user.use(6))
    second = ok(user.use(4, key="answer-1"))
    assert second == replay_of(first)
    assert user.amounts() == [10, -4, -6]


def test_the_key_may_stand_in_the_header(api: LiveApi) -> None:
    user = api.user(10)
    body = {"amount": 4, "appId": "chat", "description": "One answer"}
    first = ok(user.post("/credits/use", body, headers={"Idempotency-Key": "answer-1"}))
    assert first["transaction"]["idempotencyKey"] == "answer-1"
    assert ok(user.use(4, key="answer-1"))["message"] == REPEATED
    assert user.amounts() == [10, -4]


def test_the_same_key_in_body_and_header_is_one_key(api: LiveApi) -> None:
    user = api.user(10)
    body = {"amount": 4, "appId": "chat", "description": "d", "idempotencyKey": "one"}
    ok(user.post("/credits/use", body, headers={"Idempotency-Key": "one"}))
    assert user.ledger()[-1]["idempotency_key"] == "one"


def test_two_keys_in_headers_are_refused(api: LiveApi) -> None:
    user = api.user(10)
    body = {"amount": 4, "appId": "chat", "description": "d"}
    headers = [*user.headers.items(), ("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    answer = api.client.post("/api/v1/credits/use", json=body, headers=[*headers, ("Origin", SHOP)])
    assert refused(answer, 400, "invalid_request").keys() == {"Idempotency-Key"}
    assert user.amounts() == [10]


def test_without_a_key_each_call_is_its_own(api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(4))
    ok(user.use(4))
    assert user.amounts() == [10, -4, -4]


@pytest.mark.parametrize("key", ["k", "x" * 255, "ä 🙂", "a b\tc", "' or 1=1 --"])
def test_any_text_up_to_255_characters_is_a_key(api: LiveApi, key: str) -> None:
    user = api.user(10)
    ok(user.use(4, key=key))
    assert ok(user.use(4, key=key))["message"] == REPEATED


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 5},
        {"appId": "search"},
        {"description": "Another answer"},
        {"metadata": {"more": 1}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_reused_with_other_parameters_is_refused(
    api: LiveApi, change: dict[str, Any]
) -> None:
    user = api.user(10)
    ok(user.use(4, key="answer-1"))
    answer = user.use(**{"amount": 4, "key": "answer-1", **change})
    details = refused(answer, 409, "idempotency_key_reused")
    assert details == {"idempotencyKey": "answer-1"}
    assert user.amounts() == [10, -4]


def test_the_same_amount_and_metadata_may_be_spelled_otherwise(api: LiveApi) -> None:
    user = api.user(10)
    ok(
        user.post(
            "/credits/use",
            b'{"amount":0.5,"appId":"a","description":"d","metadata":{"a":1,"b":2},'
            b'"idempotencyKey":"k"}',
        )
    )
    answer = user.post(
        "/credits/use",
        b'{"metadata": {"b":2, "a":1}, "idempotencyKey":"k", "description":"d","appId":"a",'
        b'"amount":5e-1}',
    )
    assert ok(answer)["message"] == REPEATED


def test_a_key_is_ones_own(api: LiveApi) -> None:
    first, second = api.user(10), api.user(10)
    mine = ok(first.use(4, key="answer-1"))
    theirs = ok(second.use(4, key="answer-1"))
    assert "message" not in theirs
    assert theirs["transaction"]["id"] != mine["transaction"]["id"]
    assert second.amounts() == [10, -4]


def test_a_refused_use_leaves_its_key_free(api: LiveApi) -> None:
    user = api.user(1)
    refused(user.use(4, key="answer-1"), 402, "insufficient_credits")
    api.fund(user.id, 9)
    assert "message" not in ok(user.use(4, key="answer-1"))


def test_one_key_twenty_times_at_once_moves_once(api: LiveApi) -> None:
    user = api.user(100)
    answers = [ok(answer) for answer in at_once(20, lambda _: user.use(3, key="answer-1"))]
    assert user.amounts() == [100, -3]
    assert len({answer["transaction"]["id"] for answer in answers}) == 1
    assert sorted(answer.get("message", "") for answer in answers) == ["", *[REPEATED] * 19]


def test_one_key_with_two_amounts_at_once_moves_one_of_them(api: LiveApi) -> None:
    user = api.user(100)
    answers = at_once(10, lambda i: user.use(1 + i % 2, key="answer-1"))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 5
    assert len(user.amounts()) == 2


def test_which_operation_it_is_counts_too(api: LiveApi) -> None:
    guild = api.guild()
    user = guild.owner
    api.fund(user.id, 20)
    ok(user.use(4, key="k"))
    for answer in (
        user.post(f"{guild.path}/fund", {"amount": 4, "idempotencyKey": "k"}),
        user.post("/gifts", {"totalCredits": 4, "idempotencyKey": "k"}),
        api.service.post(
            "/internal/credits/refund",
            {"userId": user.id, "amount": 4, "description": "One answer", "idempotencyKey": "k"},
        ),
        grant(api, user.id, 4, idempotencyKey="k"),
    ):
        refused(answer, 409, "idempotency_key_reused")
    assert user.amounts() == [20, -4]


def test_a_service_and_its_user_share_the_keys_of_the_account(api: LiveApi) -> None:
    user = api.user(10)
    first = ok(user.use(4, key="answer-1"))
    body = {
        "userId": user.id,
        "amount": 4,
        "appId": "chat",
        "description": "One answer",
        "idempotencyKey": "answer-1",
    }
    again = ok(api.service.post("/internal/credits/use", body))
    assert (again["message"], again["transaction"]["id"]) == (REPEATED, first["transaction"]["id"])


Retry = Callable[[LiveApi, Guild, User], Callable[[], httpx.Response]]


def a_guild_use(api: LiveApi, guild: Guild, user: User) -> Callable[[], httpx.Response]:
    return lambda: guild.use(guild.member, 3, idempotencyKey="k")


def a_use_from_a_guild_source(
    api: LiveApi, guild: Guild, user: User
) -> Callable[[], httpx.Response]:
    source = {"type": "guild", "guildId": guild.id}
    return lambda: guild.member.use(3, key="k", creditSource=source)


def a_funding(api: LiveApi, guild: Guild, user: User) -> Callable[[], httpx.Response]:
    return lambda: guild.owner.post(f"{guild.path}/fund", {"amount": 3, "idempotencyKey": "k"})


def a_refund(api: LiveApi, guild: Guild, user: User) -> Callable[[], httpx.Response]:
    body = {"userId": user.id, "amount": 3, "description": "d", "idempotencyKey": "k"}
    return lambda: api.service.post("/internal/credits/refund", body)


def a_grant(api: LiveApi, guild: Guild, user: User) -> Callable[[], httpx.Response]:
    ok(grant(api, user.id, 3, referenceId="one", idempotencyKey="k"))
    return lambda: grant(api, user.id, 3, referenceId="one", idempotencyKey="k")


def a_redemption(api: LiveApi, guild: Guild, user: User) -> Callable[[], httpx.Response]:
    code = user.give(3, message="For you")["code"]
    return lambda: guild.member.redeem(code, idempotencyKey="k")


@pytest.mark.parametrize(
    "prepare",
    [a_guild_use, a_use_from_a_guild_source, a_funding, a_refund, a_grant, a_redemption],
    ids=lambda prepare: prepare.__name__,
)
def test_every_movement_can_be_repeated(api: LiveApi, prepare: Retry) -> None:
    guild, user = api.guild(10), api.user(10)
    api.fund(guild.owner.id, 10)
    call = prepare(api, guild, user)
    first = ok(call())
    everything = (guild.ledger(), guild.owner.ledger(), guild.member.ledger(), user.ledger())
    for answer in at_once(5, lambda _: call()):
        again = ok(answer)
        assert again == replay_of(first)
    assert everything == (
        guild.ledger(),
        guild.owner.ledger(),
        guild.member.ledger(),
        user.ledger(),
    )


def test_a_pools_key_belongs_to_the_pool(api: LiveApi) -> None:
    guild = api.guild(10)
    ok(guild.use(guild.member, 3, idempotencyKey="k"))
    answer = guild.use(guild.owner, 3, idempotencyKey="k")
    refused(answer, 409, "idempotency_key_reused")


def test_a_repeated_guild_use_is_not_held_against_a_limit(api: LiveApi) -> None:
    guild = api.guild(10)
    guild.limit(guild.member, dailyLimit=3)
    ok(guild.use(guild.member, 3, idempotencyKey="k"))
    assert ok(guild.use(guild.member, 3, idempotencyKey="k"))["message"] == REPEATED


def test_a_gift_made_twice_is_one(api: LiveApi) -> None:
    user = api.user(100)
    key = unique("gift")
    body = {"totalCredits": 10, "message": "For you", "idempotencyKey": key}
    first = ok(user.post("/gifts", body), 201)
    again = ok(user.post("/gifts", body), 200)
    assert again == replay_of(first)
    assert user.amounts() == [100, -10]


def test_a_gift_made_ten_times_at_once_is_one(api: LiveApi) -> None:
    user = api.user(100)
    body = {"totalCredits": 10, "idempotencyKey": "k"}
    answers = at_once(10, lambda _: user.post("/gifts", body))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["code"] for answer in answers}) == 1
    assert user.amounts() == [100, -10]
