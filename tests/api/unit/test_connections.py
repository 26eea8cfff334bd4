"""Connections that are held, lent and replaced."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from psycopg import _connection_base
from psycopg._preparing import PrepareManager

from api.database.connections import Connections
from api.http.errors import ApiError
from sandbox.servers import free_port
from tests.databases import Connection, Database

from .conftest import eventually

pytestmark = pytest.mark.anyio

BACKENDS = (
    "select pid from pg_stat_activity where datname = current_database() and usename = 'test_api'"
)
BLOCKED = (
    "select pid from pg_stat_activity where datname = current_database()"
    " and usename = 'test_api' and wait_event_type = 'Lock'"
)


@pytest.fixture
async def connections(database: Database) -> AsyncIterator[Connections]:
    """Two connections to a database of one's own."""
    async with Connections(database.dsn("api"), size=2, prepare="auto") as connections:
        yield connections


async def backend(connections: Connections) -> int:
    """Return which backend answered."""
    [(pid,)] = await connections.fetch(b"select pg_backend_pid()", {})
    return int(pid)


async def wait_on_advisory_lock(connections: Connections) -> list[Any]:
    return await connections.fetch(b"select pg_advisory_xact_lock(1)", {})


async def on_both(connections: Connections, owner: Connection, statement: bytes) -> list[Any]:
    """Return what a statement that takes the lock that others may share answers on each."""
    owner.execute("select pg_advisory_lock(1)")
    answers = asyncio.gather(*(connections.fetch(statement, {}) for _ in range(2)))
    await blocked(owner, 2)
    owner.execute("select pg_advisory_unlock(1)")
    return await answers


async def blocked(owner: Connection, count: int) -> None:
    """Return as soon as so many backends of the API wait for a lock."""
    await eventually(lambda: len(owner.execute(BLOCKED).fetchall()) >= count)


async def test_more_callers_than_connections_are_served_in_turn(connections: Connections) -> None:
    backends = await asyncio.gather(*(backend(connections) for _ in range(50)))
    assert 1 <= len(set(backends)) <= 2


async def test_connections_are_held_and_used_again(
    connections: Connections, database: Database
) -> None:
    before = {await backend(connections) for _ in range(10)}
    held = database.connect().execute(BACKENDS).fetchall()
    assert before <= {row["pid"] for row in held}
    assert await backend(connections) in before


async def test_connections_that_the_server_ended_are_replaced_unnoticed(
    connections: Connections, database: Database
) -> None:
    owner = database.connect()
    sharing = b"select pg_backend_pid() from pg_advisory_xact_lock_shared(1)"
    old = {pid for [(pid,)] in await on_both(connections, owner, sharing)}
    assert len(old) == 2
    for pid in old:
        owner.execute("select pg_terminate_backend(%s, 5000)", [pid])
    new = set(await asyncio.gather(*(backend(connections) for _ in range(20))))
    assert not old & new


async def test_a_caller_who_leaves_while_others_are_looked_at_takes_none_along(
    connections: Connections, database: Database
) -> None:
    owner = database.connect()
    sharing = b"select pg_backend_pid() from pg_advisory_xact_lock_shared(1)"
    pids = {pid for [(pid,)] in await on_both(connections, owner, sharing)}
    next_one = await backend(connections)
    [silent] = pids - {next_one}
    owner.execute("select pg_terminate_backend(%s, 5000)", [next_one])
    os.kill(silent, signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await backend(connections)
    finally:
        os.kill(silent, signal.SIGCONT)
    assert len({pid for [(pid,)] in await on_both(connections, owner, sharing)}) == 2


async def test_a_caller_who_leaves_the_queue_takes_no_connection_along(
    connections: Connections, database: Database
) -> None:
    owner = database.connect()
    owner.execute("select pg_advisory_lock(1)")
    holders = [asyncio.create_task(wait_on_advisory_lock(connections)) for _ in range(2)]
    await blocked(owner, 2)
    waiting = asyncio.create_task(backend(connections))
    patient = asyncio.create_task(backend(connections))
    await asyncio.sleep(0)
    waiting.cancel()
    owner.execute("select pg_advisory_unlock(1)")
    await asyncio.gather(*holders)
    assert await patient > 0
    assert len(await asyncio.gather(*(backend(connections) for _ in range(10)))) == 10


async def test_a_caller_who_leaves_during_a_statement_cancels_it(
    connections: Connections, database: Database
) -> None:
    owner = database.connect()
    owner.execute("select pg_advisory_lock(1)")
    leaving = [asyncio.create_task(wait_on_advisory_lock(connections)) for _ in range(2)]
    await blocked(owner, 2)
    for caller in leaving:
        caller.cancel()
    await asyncio.wait(leaving)
    assert await backend(connections) > 0


async def test_a_statement_that_fails_leaves_its_connection_usable(
    connections: Connections,
) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await connections.fetch(b"select 1 / 0", {})
    assert await backend(connections) > 0


async def test_what_a_long_call_warns_of_is_in_the_log(
    connections: Connections, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.connect().execute(
        "create function public.warn() returns void language plpgsql"
        " as $$ begin raise warning 'it waits'; end $$"
    )
    await connections.fetch_patiently(b"select public.warn()")
    assert [record.getMessage() for record in caplog.records] == ["it waits"]


async def test_plans_that_a_deployment_has_outdated_fail_once_at_most(
    connections: Connections, database: Database
) -> None:
    owner = database.connect()
    owner.execute("create table public.changing (a int)")
    owner.execute("grant select on public.changing to test_api")
    sharing = b"select c.* from pg_advisory_xact_lock_shared(1) left join changing c on true"
    for _ in range(8):
        await on_both(connections, owner, sharing)
    owner.execute("alter table public.changing add b int")
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        await connections.fetch(sharing, {})
    for _ in range(4):
        await on_both(connections, owner, sharing)


async def test_a_server_that_is_away_is_told_as_such() -> None:
    url = f"postgresql://anyone@127.0.0.1:{free_port()}/nothing"
    async with Connections(url, size=2, prepare="auto") as connections:
        with pytest.raises(ApiError) as caught:
            await backend(connections)
    assert (caught.value.status, caught.value.code) == (503, "database_unavailable")
    assert caught.value.retry_after


async def test_without_prepared_statements_none_is_left_on_the_server(database: Database) -> None:
    query = b"select count(*) from pg_prepared_statements"
    async with Connections(database.dsn("api"), size=1, prepare="off") as connections:
        for _ in range(10):
            assert await connections.fetch(query, {}) == [(0,)]


async def test_no_two_connections_prepare_under_one_name(
    connections: Connections, database: Database
) -> None:
    owner = database.connect()
    sharing = (
        b"select array(select name from pg_prepared_statements)"
        b" from pg_advisory_xact_lock_shared(1)"
    )
    for _ in range(9):
        names = await on_both(connections, owner, sharing)
    [[(one,)], [(other,)]] = names
    assert (len(one), len(other)) == (1, 1)
    assert one != other


async def lose_statements(connections: Connections) -> None:
    """Lose what was prepared, as if a pooler had taken another connection to the server."""
    await connections.fetch(b"select public.lose_statements()", {})


@pytest.fixture
def calls(database: Database) -> None:
    """A counter of calls, and a connection that loses statements."""
    database.connect().execute(
        """
        create sequence public.calls;
        grant usage on sequence public.calls to test_api;
        create function public.lose_statements() returns void language plpgsql
            as $$ begin execute 'deallocate all'; end $$;
        """
    )


@pytest.mark.usefixtures("calls")
async def test_a_statement_that_is_not_where_it_was_prepared_is_executed_once(
    database: Database,
) -> None:
    call = b"select nextval('public.calls')"
    async with Connections(database.dsn("api"), size=1, prepare="on") as connections:
        for n in range(1, 20):
            assert await connections.fetch(call, {}) == [(n,)]
            await lose_statements(connections)


@pytest.mark.usefixtures("calls")
async def test_a_statement_that_cannot_be_deallocated_makes_no_call_fail(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection_base, "_HAS_SEND_CLOSE", False)
    monkeypatch.setattr(PrepareManager, "prepared_max", 1)
    async with Connections(database.dsn("api"), size=1, prepare="on") as connections:
        for statement in (b"select 1", b"select 2"):
            for _ in range(9):
                await connections.fetch(statement, {})
        # After it the first of the two above is deallocated, which it has lost.
        call = b"select nextval('public.calls') from public.lose_statements()"
        assert await connections.fetch(call, {}) == [(1,)]


async def test_at_the_end_nothing_stays_open(database: Database) -> None:
    async with Connections(database.dsn("api"), size=2, prepare="auto") as connections:
        await backend(connections)
    owner = database.connect()
    await eventually(lambda: not owner.execute(BACKENDS).fetchall())
