"""The API itself is killed: what it had acknowledged is there, and retries find what was done."""

import signal

import httpx
import pytest

from tests.api.live_api import LiveApi, StartApi, lock_account, ok, unique, wait_until
from tests.api.load import running_load
from tests.concurrency import in_background
from tests.databases import Database


def kill(api: LiveApi) -> None:
    """Kill a process that gets no chance to finish anything."""
    api.process.send(signal.SIGKILL)
    assert api.process.wait(10)


@pytest.fixture(scope="module")
def second(start_module_api: StartApi) -> LiveApi:
    """Another process on the database of this module, which lives on."""
    return start_module_api()


def test_a_process_that_is_killed_under_load_loses_and_repeats_nothing(
    module_database: Database, start_api: StartApi, second: LiveApi
) -> None:
    first = start_api(database=module_database)
    users = [first.user(100_000) for _ in range(4)]
    with running_load(users) as load:
        wait_until(lambda: load.count >= 200)
        kill(first)
        wait_until(lambda: load.unanswered >= len(users))
        before = load.count
        for user in users:
            user.api = second
        wait_until(lambda: load.count >= before + 200)
    load.assert_each_exactly_once(module_database)
    for user in users:
        assert user.balance() == 100_000 - len(load.acknowledged[user.id])


def test_a_call_that_was_under_way_when_its_process_died_is_done_once(
    module_database: Database, start_api: StartApi, second: LiveApi
) -> None:
    first = start_api(database=module_database)
    user, key = first.user(10), unique("key")
    holder = lock_account(module_database, user)

    def use() -> httpx.Response:
        with pytest.raises(httpx.TransportError):
            user.use(4, key=key)
        user.api = second
        return user.use(4, key=key)

    with in_background(use) as retried:
        first.wait_for_blocked_call()
        kill(first)
        wait_until(lambda: user.api is second)
        holder.rollback()
        ok(retried.result())
    assert "message" in ok(user.use(4, key=key))
    assert user.amounts() == [10, -4]
