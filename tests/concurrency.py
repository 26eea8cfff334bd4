"""Helpers for tests in which several sessions work at once: they wait on what they can see."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import psycopg

from tests.databases import Connection, Database, Role

Result = TypeVar("Result")

# Less than the calls that are waited for have themselves, and enough for a machine that is busy.
PATIENCE_SECONDS = 25.0

# Calls in the background: when all of them have ended, nobody waits any more.
_running: list[Future[Any]] = []


def wait_until_blocked(observer: Connection, pid: int, timeout: float = PATIENCE_SECONDS) -> None:
    """Return when the backend `pid` waits for a lock; fail if it does not within `timeout` s.

    Args:
        observer: A superuser's connection, not the blocked one.
        pid: `connection.info.backend_pid` of the session that should be waiting.
        timeout: Seconds.
    """
    _wait_for(
        observer,
        "select pid from pg_stat_activity where pid = %s and wait_event_type = 'Lock'",
        (pid,),
        timeout,
    )


def wait_until_blocked_by(
    observer: Connection, pid: int, holder: int, timeout: float = PATIENCE_SECONDS
) -> None:
    """Return when the backend `pid` waits for what the backend `holder` has; fail as above."""
    _wait_for(
        observer,
        "select pid from pg_stat_activity where pid = %s and %s = any (pg_blocking_pids(pid))",
        (pid, holder),
        timeout,
    )


def wait_for_waiter(observer: Connection, table: str, timeout: float = PATIENCE_SECONDS) -> int:
    """Return the id of a backend that waits for a lock on the table, as soon as there is one."""
    return _wait_for(
        observer,
        "select pid from pg_locks where relation = to_regclass(%s) and not granted",
        (table,),
        timeout,
    )


def _wait_for(
    observer: Connection, query: LiteralString, parameters: tuple[str | int, ...], timeout: float
) -> int:
    deadline = time.monotonic() + timeout
    while True:
        ended = bool(_running) and all(work.done() for work in _running)
        # Inside a transaction pg_stat_activity would stand still without this.
        observer.execute("select pg_stat_clear_snapshot()")
        row = observer.execute(query, parameters).fetchone()
        if row:
            return int(row["pid"])
        given_up = ended or time.monotonic() >= deadline
        assert not given_up, f"nobody waits for a lock: {parameters}"
        time.sleep(0.005)


@contextmanager
def in_background(work: Callable[[], Result]) -> Iterator[Future[Result]]:
    """Run `work` in a thread while the block runs; leave when both have ended."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        future = executor.submit(work)
        _running.append(future)
        try:
            yield future
        finally:
            _running.remove(future)


def run_parallel(
    database: Database, n: int, work: Callable[[Connection, int], Result], role: Role = "service"
) -> list[Result | psycopg.Error]:
    """Run `work(connection, i)` for i in 0..n-1 at the same moment, each on its own connection.

    Returns:
        In the order of i, what each returned or the database error that ended it. Any other
        exception is raised.
    """
    connections = [database.connect(role) for _ in range(n)]
    barrier = threading.Barrier(n)

    def one(i: int) -> Result | psycopg.Error:
        barrier.wait(timeout=30)
        try:
            return work(connections[i], i)
        except psycopg.Error as error:
            return error

    try:
        with ThreadPoolExecutor(max_workers=n) as executor:
            return list(executor.map(one, range(n)))
    finally:
        for connection in connections:
            connection.close()
