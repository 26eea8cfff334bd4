"""The connection to the database breaks around a commit: a retry gets what the first call did."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.api.exposition import scrape
from tests.api.live_api import (
    Guild,
    LiveApi,
    StartApi,
    User,
    at_once,
    ok,
    refused,
    replay_of,
    unique,
    wait_until,
)
from tests.api.tcp_proxy import Moment, TcpProxy, tcp_proxy
from tests.databases import LOGIN_PASSWORD, Database

MOMENTS: list[Moment] = ["before it is sent", "after the commit"]

Call = Callable[[], httpx.Response]


@pytest.fixture(scope="module")
def proxy(module_database: Database) -> Iterator[TcpProxy]:
    """The way to the database."""
    with tcp_proxy(module_database.server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def far_api(proxy: TcpProxy, module_database: Database, start_module_api: StartApi) -> LiveApi:
    """An API that takes this way, and does nothing by itself."""
    name = module_database.name
    return start_module_api(
        DATABASE_URL=f"postgresql://test_api:{LOGIN_PASSWORD}@127.0.0.1:{proxy.port}/{name}",
        GIFT_EXPIRY_INTERVAL_SECONDS="86400",
    )


def a_use(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    return lambda: user.use(3, key=key)


def a_guild_use(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    return lambda: guild.use(guild.member, 3, idempotencyKey=key)


def a_funding(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    api.fund(guild.owner.id, 10)
    body = {"amount": 3, "idempotencyKey": key}
    return lambda: guild.owner.post(f"{guild.path}/fund", body)


def a_gift(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    return lambda: user.post("/gifts", {"totalCredits": 3, "idempotencyKey": key})


def a_redemption(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    code = user.give(3)["code"]
    return lambda: guild.member.redeem(code, idempotencyKey=key)


def a_refund(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    body = {"userId": user.id, "amount": 3, "description": "d", "idempotencyKey": key}
    return lambda: api.service.post("/internal/credits/refund", body)


def a_grant(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    body = {"userId": user.id, "amount": 3, "reason": "welcome", "referenceId": key}
    return lambda: api.service.post("/internal/credits/grant", body)


def a_reservation(api: LiveApi, guild: Guild, user: User, key: str) -> Call:
    body = {"userId": user.id, "amount": 3, "reason": "a job", "idempotencyKey": key}
    return lambda: api.service.post("/internal/credits/reserve", body)


CALLS = [a_use, a_guild_use, a_funding, a_gift, a_redemption, a_refund, a_grant, a_reservation]


def books(api: LiveApi, guild: Guild, user: User) -> list[Any]:
    """Return everything that the calls can move."""
    people = [user.id, guild.owner.id, guild.member.id]
    return [
        api.audit(
            "select * from credits.transactions where user_id = any(%s) order by user_id, sequence",
            people,
        ),
        api.audit(
            "select * from credits.guild_transactions where organization_id = %s order by sequence",
            guild.id,
        ),
        api.audit(
            "select id, user_id, amount from credits.reservations where user_id = any(%s)"
            " order by id",
            people,
        ),
        api.audit(
            "select id, total_credits from gifts.gift_codes where creator_id = any(%s) order by id",
            people,
        ),
    ]


@pytest.mark.parametrize("prepare", CALLS, ids=lambda prepare: prepare.__name__)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_call_whose_answer_was_lost_is_done_once(
    far_api: LiveApi,
    proxy: TcpProxy,
    prepare: Callable[[LiveApi, Guild, User, str], Call],
    moment: Moment,
) -> None:
    guild, user, key = far_api.guild(10), far_api.user(10), unique("key")
    call = prepare(far_api, guild, user, key)
    before, cuts = books(far_api, guild, user), proxy.cuts
    proxy.cut(key, moment)
    refused(call(), 503, "database_unavailable")
    assert proxy.cuts == cuts + 1
    after = books(far_api, guild, user)
    assert (after == before) is (moment == "before it is sent")
    first = call()
    assert first.status_code in (200, 201)
    if moment == "after the commit":
        assert books(far_api, guild, user) == after
    done = books(far_api, guild, user)
    assert done != before
    assert ok(call()).keys() >= ok(first, first.status_code).keys()
    assert books(far_api, guild, user) == done


@pytest.mark.parametrize("moment", MOMENTS)
def test_of_many_calls_at_once_each_is_done_once(
    far_api: LiveApi, proxy: TcpProxy, moment: Moment
) -> None:
    users = [far_api.user(10) for _ in range(8)]
    keys = [unique("key") for _ in range(64)]
    proxy.cut(keys[40], moment)

    def use(i: int) -> httpx.Response:
        return users[i % len(users)].use(1, key=keys[i])

    answers = at_once(len(keys), use)
    statuses = [answer.status_code for answer in answers]
    assert 503 in statuses
    for answer in answers:
        if answer.status_code != 200:
            refused(answer, 503, "database_unavailable")
    for i, answer in enumerate(answers):
        again = ok(use(i))
        if answer.status_code == 200:
            assert again == replay_of(ok(answer))
    for user in users:
        assert sorted(user.amounts()) == [-1] * 8 + [10]


def test_a_silent_database_is_away_for_whoever_probes(far_api: LiveApi, proxy: TcpProxy) -> None:
    wait_until(lambda: scrape(far_api).value("mana_credits_database_up") == 1)
    with proxy.silence():
        wait_until(lambda: scrape(far_api).value("mana_credits_database_up") == 0)
        answer = far_api.client.get("/health/ready", timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    wait_until(lambda: far_api.client.get("/health/ready").status_code == 200)
