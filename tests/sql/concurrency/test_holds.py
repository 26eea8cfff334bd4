"""Holds that are made, committed, released and run out at once."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Event
from typing import Any

import psycopg
import pytest

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import Row, balance, call, give, limit, pool, use, use_guild
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import (
    Call,
    commit,
    expire_due,
    figures,
    hold_row,
    release,
    reserve,
    spending,
)
from tests.sql.moments import Clock


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    """The user u1 has 10 credits, the pool g1 has 100."""
    connection = session(database)
    give(connection, "u1", 10)
    pool(connection, "g1", 100)


def test_last_credits_are_reserved_by_one_of_thirty(database: Database) -> None:
    outcomes = run_parallel(database, 30, lambda connection, _: reserve(connection, "u1", 10))
    assert len(successes(outcomes)) == 1
    assert refusals(outcomes) == {"UC002": 29}
    assert (balance(session(database), "u1"), figures(session(database), "u1")["reserved"]) == (
        0,
        10,
    )


def test_all_holds_are_made_while_there_are_credits(database: Database) -> None:
    outcomes = run_parallel(database, 30, lambda connection, _: reserve(connection, "u1", 1))
    assert sorted(answer["balance"] for answer in successes(outcomes)) == list(range(10))
    assert refusals(outcomes) == {"UC002": 20}


def test_holds_and_debits_share_what_there_is(database: Database) -> None:
    def spend(connection: Connection, i: int) -> Row:
        return (use if i % 2 else reserve)(connection, "u1", 1)

    outcomes = run_parallel(database, 30, spend)
    assert (len(successes(outcomes)), refusals(outcomes)) == (10, {"UC002": 20})


def test_one_key_ten_times_at_once_is_one_hold(database: Database) -> None:
    outcomes = run_parallel(
        database, 10, lambda connection, _: reserve(connection, "u1", 4, idempotency_key="k")
    )
    answers = successes(outcomes)
    assert len(answers) == 10
    assert len({answer["reservation_id"] for answer in answers}) == 1
    assert Counter(answer["replayed"] for answer in answers) == {True: 9, False: 1}
    assert balance(session(database), "u1") == 6


def test_one_key_for_holds_and_debits_at_once_is_one_operation(database: Database) -> None:
    def spend(connection: Connection, i: int) -> Row:
        return (use if i % 2 else reserve)(connection, "u1", 1, idempotency_key="k")

    outcomes = run_parallel(database, 12, spend)
    assert (len(successes(outcomes)), refusals(outcomes)) == (6, {"UC004": 6})
    assert balance(session(database), "u1") == 9


@pytest.mark.parametrize("guild_id", [None, "g1"])
def test_ten_commits_are_one(database: Database, guild_id: str | None) -> None:
    held = reserve(session(database), "u1", 10, guild_id=guild_id)
    outcomes = run_parallel(database, 10, lambda connection, _: commit(connection, held))
    answers = successes(outcomes)
    assert len(answers) == 10
    assert len({answer["transaction_id"] for answer in answers}) == 1
    assert Counter(answer["replayed"] for answer in answers) == {True: 9, False: 1}


def test_of_ten_amounts_one_is_committed(database: Database) -> None:
    held = reserve(session(database), "u1", 10)
    outcomes = run_parallel(
        database, 10, lambda connection, i: commit(connection, held, amount=1 + i)
    )
    (committed,) = {answer["committed"] for answer in successes(outcomes)}
    assert refusals(outcomes) == {"UC013": 9}
    assert balance(session(database), "u1") == 10 - committed


def test_ten_releases_are_one(database: Database) -> None:
    held = reserve(session(database), "u1", 4)
    outcomes = run_parallel(database, 10, lambda connection, _: release(connection, held))
    assert {answer["balance"] for answer in successes(outcomes)} == {10}
    assert Counter(answer["replayed"] for answer in successes(outcomes)) == {True: 9, False: 1}


def assert_one_end(database: Database, held: Row, ends: list[Any], outcomes: list[Any]) -> str:
    """Assert that all answers speak of the end that is kept; return it."""
    status = hold_row(database.connect(), held)["status"]
    expected = {
        "committed": {commit: None, release: "UC013"},
        "released": {commit: "UC012", release: None},
    }[status]
    for end, outcome in zip(ends, outcomes, strict=True):
        state = outcome.sqlstate if isinstance(outcome, psycopg.Error) else None
        assert state == expected.get(end), (status, end)
    return str(status)


@pytest.mark.parametrize("guild_id", [None, "g1"])
def test_commits_and_releases_at_once_end_in_one_of_them(
    database: Database, guild_id: str | None
) -> None:
    found = set()
    ends: list[Call] = [commit, release] * 5
    for _ in range(2):
        held = reserve(session(database), "u1", 1, guild_id=guild_id)

        def finish(connection: Connection, i: int, held: Row = held, ends: Any = ends) -> Any:
            return ends[i](connection, held)

        found.add(assert_one_end(database, held, ends, run_parallel(database, 10, finish)))
    assert found <= {"committed", "released"}


@pytest.mark.parametrize("guild_id", [None, "g1"])
def test_commits_releases_and_the_end_of_the_time_at_once_end_in_one_of_them(
    database: Database, clock: Clock, guild_id: str | None
) -> None:
    setup = session(database)
    held = [
        reserve(setup, "u1", 1, guild_id=guild_id, expires_in_seconds=3600 * hours)
        for hours in range(1, 7)
    ]

    def end_its_time(_: Connection, one: Row) -> None:
        clock.move_to(one["expires_at"])

    def sweep(connection: Connection, _: Row) -> int:
        return expire_due(connection)

    ends: list[Callable[..., Any]] = [commit, release, sweep] * 4 + [end_its_time]
    barrier = Barrier(len(ends))

    def finish(connection: Connection, i: int) -> list[Any]:
        outcomes: list[Any] = []
        for one in held:
            # Some come just before the end of its time, some just after.
            barrier.wait(timeout=30)
            try:
                outcomes.append(ends[i](connection, one))
            except psycopg.Error as error:
                outcomes.append(error)
        return outcomes

    answers = successes(run_parallel(database, len(ends), finish, role="api"))
    for n, one in enumerate(held):
        assert_one_end(database, one, ends, [answer[n] for answer in answers])


def test_commit_waits_for_a_release_and_comes_too_late(database: Database) -> None:
    first, second = session(database, autocommit=False), session(database)
    held = reserve(second, "u1", 4)
    release(first, held)
    with in_background(lambda: commit(second, held)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert getattr(outcome.exception(), "sqlstate", None) == "UC012"
    assert balance(second, "u1") == 10


def test_release_waits_for_a_commit_and_comes_too_late(database: Database) -> None:
    first, second = session(database, autocommit=False), session(database)
    held = reserve(second, "u1", 4)
    commit(first, held)
    with in_background(lambda: release(second, held)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert getattr(outcome.exception(), "sqlstate", None) == "UC013"
    assert balance(second, "u1") == 6


def test_commit_succeeds_when_the_release_is_rolled_back(database: Database) -> None:
    first, second = session(database, autocommit=False), session(database)
    held = reserve(second, "u1", 4)
    release(first, held)
    with in_background(lambda: commit(second, held)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.rollback()
    assert outcome.result()["committed"] == 4


@pytest.mark.parametrize("guild_id", [None, "g1"])
def test_commit_that_waits_until_the_time_is_over_is_late(
    database: Database, clock: Clock, guild_id: str | None
) -> None:
    first, second = session(database, autocommit=False), session(database)
    held = reserve(second, "u1", 4, guild_id=guild_id, expires_in_seconds=1)
    if guild_id:
        use_guild(first, "g1", "u2", 1)
    else:
        give(first, "u1", 1)
    with in_background(lambda: commit(second, held)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        clock.move_to(held["expires_at"])
        first.commit()
    assert outcome.result()["late"] is True


def test_debit_that_waits_until_a_hold_is_over_has_its_credits(
    database: Database, clock: Clock
) -> None:
    first, second = session(database, autocommit=False), session(database)
    held = reserve(second, "u1", 4, expires_in_seconds=1)
    give(first, "u1", 1)
    with in_background(lambda: use(second, "u1", 11)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        clock.move_to(held["expires_at"])
        first.commit()
    assert outcome.result()["balance"] == 0


def test_limit_is_not_exceeded_by_holds_and_debits_at_once(database: Database) -> None:
    limit(session(database), "g1", "u1", daily_limit=10)

    def spend(connection: Connection, i: int) -> Row:
        if i % 2:
            return use_guild(connection, "g1", "u1", 1)
        return reserve(connection, "u1", 1, guild_id="g1")

    outcomes = run_parallel(database, 16, spend)
    assert (len(successes(outcomes)), refusals(outcomes)) == (10, {"UC003": 6})
    assert spending(session(database), "g1", "u1")["spent_today"] == 10


def test_sweepers_share_the_work_and_each_hold_ends_once(database: Database, clock: Clock) -> None:
    setup = session(database)
    users = [f"h{n}" for n in range(20)]
    for user_id in users:
        give(setup, user_id, 5)
        held = reserve(setup, user_id, 5, expires_in_seconds=1)
    clock.move_to(held["expires_at"])

    def sweep(connection: Connection, _: int) -> int:
        swept = 0
        while found := expire_due(connection):
            swept += found
        return swept

    swept = successes(run_parallel(database, 4, sweep, role="api"))
    # An account that another sweeper has just brought up to date may be counted by both.
    assert sum(swept) >= 20
    rows = database.connect().execute("select status from credits.reservations").fetchall()
    assert {row["status"] for row in rows} == {"expired"}
    assert [balance(setup, user_id) for user_id in users] == [5] * 20


def test_locked_account_keeps_no_other_from_ending(database: Database, clock: Clock) -> None:
    setup = session(database)
    give(setup, "u2", 5)
    for _ in range(3):
        reserve(setup, "u1", 1, expires_in_seconds=1)
    held = reserve(setup, "u2", 5, expires_in_seconds=2)
    clock.move_to(held["expires_at"])
    locking = session(database, autocommit=False)
    give(locking, "u1", 1)
    # The holds of u1 have waited longer.
    api = database.connect("api")
    assert call(api, "credits.expire_due", limit=1)["expire_due"] == 1
    assert hold_row(database.connect(), held)["status"] == "expired"
    assert expire_due(api) == 0


def test_account_with_much_that_is_over_ends_a_part_at_a_time(
    database: Database, clock: Clock
) -> None:
    setup = session(database)
    for _ in range(5):
        held = reserve(setup, "u1", 1, expires_in_seconds=1)
    clock.move_to(held["expires_at"])
    api = database.connect("api")
    ended = [call(api, "credits.expire_due", limit=2)["expire_due"] for _ in range(4)]
    assert ended == [1, 1, 1, 0]
    assert balance(setup, "u1") == 10


def test_reading_while_a_hold_is_made_shows_before_or_after(database: Database) -> None:
    over = Event()

    def hold_and_release(connection: Connection) -> None:
        try:
            for _ in range(100):
                release(connection, reserve(connection, "u1", 4))
        finally:
            over.set()

    def read(connection: Connection) -> set[Any]:
        seen = set()
        while not over.is_set():
            answer = figures(connection, "u1")
            seen.add((answer["balance"], answer["reserved"]))
        return seen

    outcomes = run_parallel(
        database, 4, lambda connection, i: read(connection) if i else hold_and_release(connection)
    )
    assert refusals(outcomes) == {}
    assert set().union(*filter(None, successes(outcomes))) <= {(10, 0), (6, 4)}


def test_rows_of_commits_at_once_form_one_chain(database: Database) -> None:
    setup = session(database)
    give(setup, "u1", 90)
    held = [
        *(reserve(setup, "u1", 2) for _ in range(6)),
        *(reserve(setup, "u1", 2, guild_id="g1") for _ in range(6)),
    ]
    outcomes = run_parallel(
        database, 12, lambda connection, i: commit(connection, held[i], amount=1 + i % 2)
    )
    assert refusals(outcomes) == {}
    for rows in (ledger(database.connect(), "u1"), pool_ledger(database.connect(), "g1")):
        assert [row["balance_before"] for row in rows[1:]] == [
            row["balance_after"] for row in rows[:-1]
        ]
