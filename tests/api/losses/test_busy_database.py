"""Locks that are held for long and connections that are all taken: told in time, and survived."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache, partial

import httpx
import pytest

from tests.api.live_api import (
    LiveApi,
    StartApi,
    User,
    lock_account,
    ok,
    refused,
    unique,
    wait_until,
)
from tests.api.service_calls import commit, explain, hold, reserve
from tests.databases import Database

# The effect of a login's `alter role … set`, for one process.
LOCK_TIMEOUT = "?options=-c%20lock_timeout%3D400ms"
LONGEST = timedelta(seconds=15)
STATEMENT_TIMEOUT = "?options=-c%20statement_timeout%3D1s"

Limited = Callable[[str], LiveApi]


@pytest.fixture(scope="module")
def limited(module_database: Database, start_module_api: StartApi) -> Limited:
    """Starts a process whose login has such a limit, once for each."""
    url = module_database.dsn("api")
    return cache(lambda options: start_module_api(DATABASE_URL=url + options))


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [(LOCK_TIMEOUT, 503, "overloaded"), (STATEMENT_TIMEOUT, 504, "timeout")],
    ids=["lock_timeout", "statement_timeout"],
)
def test_a_locked_account_is_awaited_no_longer_than_the_login_may(
    limited: Limited, options: str, status: int, code: str
) -> None:
    api = limited(options)
    user, key = api.user(10), unique("key")
    holder = lock_account(api.database, user)
    started = time.monotonic()
    answer = user.use(4, key=key)
    assert time.monotonic() - started < 5
    refused(answer, status, code)
    assert int(answer.headers["retry-after"]) >= 1
    holder.rollback()
    assert user.amounts() == [10]
    assert "message" not in ok(user.use(4, key=key))
    assert user.amounts() == [10, -4]


def test_a_locked_pool_is_awaited_no_longer_than_the_login_may(
    limited: Limited,
) -> None:
    api = limited(LOCK_TIMEOUT)
    guild = api.guild(10)
    holder = api.database.connect(autocommit=False)
    holder.execute("select from credits.accounts where account_id = %s for update", [guild.id])
    refused(guild.use(guild.member, 4, idempotencyKey="k"), 503, "overloaded")
    holder.rollback()
    ok(guild.use(guild.member, 4, idempotencyKey="k"))
    assert guild.balance() == 6


def test_when_every_connection_is_taken_others_are_told_and_later_served(
    module_database: Database, start_api: StartApi
) -> None:
    api = start_api(database=module_database, DATABASE_POOL_SIZE="2")
    locked = [api.user(10) for _ in range(2)]
    others = [api.user(10) for _ in range(4)]
    holders = [lock_account(module_database, user) for user in locked]

    def use(user: User) -> httpx.Response:
        return user.use(1, key="k")

    with ThreadPoolExecutor() as executor:
        waiting = [executor.submit(use, user) for user in locked * 3]
        api.wait_for_blocked_call()
        wait_until(lambda: others[0].get("/credits/purchases").status_code == 503)
        refused(others[0].get("/credits/purchases"), 503, "overloaded")
        for call in [*[executor.submit(use, user) for user in others], *waiting]:
            answer = call.result()
            assert answer.elapsed < LONGEST
            # When the locked accounts are given up others may have their turn.
            if answer.status_code != 200:
                busy = answer.status_code == 503
                refused(answer, 503 if busy else 504, "overloaded" if busy else "timeout")
                assert int(answer.headers["retry-after"]) >= 1
        for holder in holders:
            holder.rollback()
    for user in (*locked, *others):
        ok(use(user))
        assert user.amounts() == [10, -1]


@pytest.fixture(scope="module")
def own(start_module_api: StartApi) -> LiveApi:
    """A process and a database of this module's own."""
    return start_module_api()


def uses(_: LiveApi, user: User) -> list[Callable[[], httpx.Response]]:
    return [partial(user.use, 1) for _ in range(12)]


def some_holds(api: LiveApi, user: User) -> list[Callable[[], httpx.Response]]:
    return [partial(reserve, api, user.id) for _ in range(12)]


def ends_of_holds(api: LiveApi, user: User) -> list[Callable[[], httpx.Response]]:
    return [partial(commit, api, hold(api, user.id)) for _ in range(12)]


def redemptions(api: LiveApi, user: User) -> list[Callable[[], httpx.Response]]:
    giver = api.user(50)
    return [partial(user.redeem, giver.give(1)["code"]) for _ in range(12)]


def explanations(api: LiveApi, user: User) -> list[Callable[[], httpx.Response]]:
    return [partial(explain, api, user.id) for _ in range(12)]


def fundings(api: LiveApi, user: User) -> list[Callable[[], httpx.Response]]:
    guilds = [api.guild() for _ in range(12)]
    for guild in guilds:
        api.issuer.set_member(guild.id, user.id, "owner")
    return [partial(user.post, f"{guild.path}/fund", {"amount": 1}) for guild in guilds]


@pytest.mark.parametrize(
    "prepare",
    [uses, some_holds, ends_of_holds, explanations, redemptions, fundings],
    ids=lambda prepare: prepare.__name__,
)
def test_a_locked_account_stops_nobody_else(
    module_database: Database,
    own: LiveApi,
    prepare: Callable[[LiveApi, User], list[Callable[[], httpx.Response]]],
) -> None:
    locked, other = own.user(50), own.user(50)
    calls = prepare(own, locked)
    holder = lock_account(module_database, locked)
    with ThreadPoolExecutor(len(calls)) as executor:
        waiting = [executor.submit(call) for call in calls]
        own.wait_for_blocked_call()
        for _ in range(10):
            ok(other.get("/credits/balance"))
            ok(commit(own, hold(own, other.id)))
        assert not any(call.done() for call in waiting)
        holder.rollback()
        for call in waiting:
            ok(call.result())


def test_a_member_whose_account_is_locked_does_not_stop_their_guild(
    module_database: Database, own: LiveApi
) -> None:
    guild, locked, other = own.guild(50), own.user(50), own.user()
    holder = lock_account(module_database, locked)
    calls = [
        *(partial(reserve, own, locked.id) for _ in range(3)),
        *(partial(reserve, own, locked.id, guildId=guild.id) for _ in range(3)),
    ]
    with ThreadPoolExecutor(len(calls)) as executor:
        waiting = [executor.submit(call) for call in calls]
        own.wait_for_blocked_call()
        for _ in range(10):
            ok(reserve(own, other.id, guildId=guild.id))
        assert not all(call.done() for call in waiting[:3])
        holder.rollback()
        for call in waiting:
            ok(call.result())


def test_one_who_reads_much_leaves_the_others_their_connections(
    module_database: Database, own: LiveApi
) -> None:
    greedy, other = own.user(1), own.user(1)
    holder = module_database.connect(autocommit=False)
    holder.execute("lock table credits.usage_folds in access exclusive mode")
    with ThreadPoolExecutor(20) as executor:
        waiting = [executor.submit(greedy.get, "/credits/usage") for _ in range(20)]
        own.wait_for_blocked_call()
        for _ in range(10):
            ok(other.get("/credits/balance"))
        blocked = (
            "select from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'list_usage'"
        )
        with module_database.connect() as owner:
            assert 1 <= len(owner.execute(blocked).fetchall()) <= 2
        holder.rollback()
        for call in waiting:
            ok(call.result())
