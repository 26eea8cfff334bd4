"""Locks that are held for long and connections that are all taken: told in time, and survived."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from live_api import StartApi, User, ok, refused, unique, wait_until
from test_process import lock_account

from databases import Database

# What a login's `alter role … set` does, for one process.
LOCK_TIMEOUT = "?options=-c%20lock_timeout%3D400ms"
LONGEST = timedelta(seconds=15)
STATEMENT_TIMEOUT = "?options=-c%20statement_timeout%3D1s"


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [(LOCK_TIMEOUT, 503, "overloaded"), (STATEMENT_TIMEOUT, 504, "timeout")],
    ids=["lock_timeout", "statement_timeout"],
)
def test_a_locked_account_is_awaited_no_longer_than_the_login_may(
    database: Database, start_api: StartApi, options: str, status: int, code: str
) -> None:
    api = start_api(database=database, DATABASE_URL=database.dsn("api") + options)
    user, key = api.user(10), unique("key")
    holder = lock_account(database, user)
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
    database: Database, start_api: StartApi
) -> None:
    api = start_api(database=database, DATABASE_URL=database.dsn("api") + LOCK_TIMEOUT)
    guild = api.guild(10)
    holder = database.connect(autocommit=False)
    holder.execute(
        "select from credits.guild_pools where organization_id = %s for update", [guild.id]
    )
    refused(guild.use(guild.member, 4, idempotencyKey="k"), 503, "overloaded")
    holder.rollback()
    ok(guild.use(guild.member, 4, idempotencyKey="k"))
    assert guild.balance() == 6


def test_when_every_connection_is_taken_others_are_told_and_later_served(
    database: Database, start_api: StartApi
) -> None:
    api = start_api(database=database, DATABASE_POOL_SIZE="2")
    locked = [api.user(10) for _ in range(2)]
    others = [api.user(10) for _ in range(4)]
    holders = [lock_account(database, user) for user in locked]

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
