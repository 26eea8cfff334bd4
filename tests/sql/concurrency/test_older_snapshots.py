"""Transactions that keep a snapshot, go back to a savepoint or swallow an error: the books stay."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

import psycopg
import pytest
from psycopg import IsolationLevel

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database, Server, assert_books_balance, clone, refused
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import (
    Row,
    balance,
    fund,
    gift,
    give,
    pool,
    use,
    use_batch,
    use_guild,
    use_guild_batch,
)
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import HOUR, grant, reserve

NUMBERS = count()


class Pair(NamedTuple):
    """A person and a pool of the test's own, each with 10 credits."""

    user: str
    guild: str


Move = Callable[[Connection, Pair], object]

MOVES: dict[str, Move] = {
    "use": lambda db, of: use(db, of.user, 1),
    "use with a key": lambda db, of: use(db, of.user, 1, idempotency_key="k"),
    "batch": lambda db, of: use_batch(db, *[{"user_id": of.user}] * 2),
    "refund": lambda db, of: give(db, of.user, 1),
    "grant": lambda db, of: grant(db, of.user, 1, "welcome"),
    "grant that ends": lambda db, of: grant(db, of.user, 1, "welcome", expires_in=HOUR),
    "hold": lambda db, of: reserve(db, of.user, 1),
    "funding": lambda db, of: fund(db, of.user, of.guild, 1),
    "gift": lambda db, of: gift(db, of.user, 1),
    "use of a pool": lambda db, of: use_guild(db, of.guild, of.user, 1),
    "batch of a pool": lambda db, of: use_guild_batch(db, *[{"organization_id": of.guild}] * 2),
    "hold of a pool": lambda db, of: reserve(db, of.user, 1, guild_id=of.guild),
}

isolated = pytest.mark.parametrize(
    "isolation", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE]
)


@pytest.fixture(scope="module")
def database(server: Server, migrated: str) -> Iterator[Database]:
    """A database for all of them: cloning one takes longer than a test."""
    with clone(server, migrated, f"{migrated}_snapshots") as copy:
        yield copy
        copy.close()
        assert_books_balance(copy.connect())


@pytest.fixture
def of(database: Database) -> Iterator[Pair]:
    """Sessions that are closed after the test: all of them together are more than a server has."""
    pair = Pair(f"u{next(NUMBERS)}", f"g{next(NUMBERS)}")
    connection = session(database)
    give(connection, pair.user, 10)
    pool(connection, pair.guild, 10)
    yield pair
    database.close()


def amounts(rows: list[Row]) -> list[int]:
    return [int(row["amount"]) for row in rows]


def with_snapshot(database: Database, of: Pair, isolation: IsolationLevel) -> Connection:
    """Return a session whose transaction has its snapshot already."""
    connection = session(database, autocommit=False)
    connection.isolation_level = isolation
    assert balance(connection, of.user) == 10
    return connection


def made_meanwhile(database: Database, of: Pair) -> None:
    """Move both accounts, in a transaction of somebody else."""
    connection = session(database)
    use(connection, of.user, 5)
    use_guild(connection, of.guild, of.user, 5)


@isolated
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_who_has_an_older_snapshot_begins_again(
    database: Database, of: Pair, isolation: IsolationLevel, move: Move
) -> None:
    late = with_snapshot(database, of, isolation)
    made_meanwhile(database, of)
    with pytest.raises(psycopg.errors.SerializationFailure):
        move(late, of)
    late.rollback()
    move(late, of)
    late.commit()


@isolated
def test_of_two_at_once_one_begins_again(
    database: Database, of: Pair, isolation: IsolationLevel
) -> None:
    first, second = (with_snapshot(database, of, isolation) for _ in range(2))
    use(first, of.user, 6)
    with in_background(lambda: use(second, of.user, 6)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert isinstance(outcome.exception(), psycopg.errors.SerializationFailure)
    second.rollback()
    assert amounts(ledger(database.connect(), of.user)) == [10, -6]


@isolated
def test_the_one_who_waited_for_a_rollback_goes_on(
    database: Database, of: Pair, isolation: IsolationLevel
) -> None:
    first, second = (with_snapshot(database, of, isolation) for _ in range(2))
    use(first, of.user, 6)
    with in_background(lambda: use(second, of.user, 7)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.rollback()
    assert outcome.result()["balance"] == 3
    second.commit()


def test_twenty_with_snapshots_and_twenty_without_spend_what_is_there(
    database: Database, of: Pair
) -> None:
    def move(connection: Connection, i: int) -> Row:
        if i % 2:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
        return use(connection, of.user, 1)

    outcomes = run_parallel(database, 40, move)
    assert refusals(outcomes).keys() <= {"40001", "UC002"}
    spent = len(successes(outcomes))
    assert amounts(ledger(database.connect(), of.user)) == [10, *[-1] * spent]
    assert spent <= 10


def test_batches_beside_single_calls_spend_what_is_there(database: Database, of: Pair) -> None:
    give(session(database), of.user, 90)

    def move(connection: Connection, i: int) -> list[Row]:
        if i % 2:
            return [use(connection, of.user, 1, idempotency_key=f"k{i}") for _ in range(5)]
        return use_batch(
            connection, *[{"user_id": of.user, "key": f"k{i + n}"} for n in (0, 1, 1, 2)]
        )

    outcomes = run_parallel(database, 20, move)
    assert refusals(outcomes) == {}
    keys = [row["idempotency_key"] for row in ledger(database.connect(), of.user)[2:]]
    assert sorted(keys) == sorted(f"k{n}" for n in range(21))


def test_batches_of_pools_beside_single_calls_spend_what_is_there(
    database: Database, of: Pair
) -> None:
    def move(connection: Connection, i: int) -> int:
        if i % 2:
            use_guild(connection, of.guild, f"u{i}", 1)
            return 1
        items = [{"organization_id": of.guild, "user_id": f"u{i + n}"} for n in range(3)]
        return sum(row["refusal"] is None for row in use_guild_batch(connection, *items))

    outcomes = run_parallel(database, 10, move)
    assert refusals(outcomes).keys() <= {"UC002"}
    assert sum(successes(outcomes)) == 10
    assert amounts(pool_ledger(database.connect(), of.guild)) == [10, *[-1] * 10]


def test_a_service_goes_on_behind_a_savepoint_after_a_refusal(database: Database, of: Pair) -> None:
    """Somebody else may come between, since the lock goes with the savepoint."""
    service, other = session(database, autocommit=False), session(database)
    with refused(service, "UC002"):
        use(service, of.user, 11)
    use(other, of.user, 4)
    with refused(service, "UC002"):
        use(service, of.user, 7)
    assert use(service, of.user, 5)["balance"] == 1
    service.commit()
    assert amounts(ledger(database.connect(), of.user)) == [10, -4, -5]


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_what_was_moved_behind_a_savepoint_goes_with_it(
    database: Database, of: Pair, move: Move
) -> None:
    service = session(database, autocommit=False)
    use(service, of.user, 2)
    with service.transaction(force_rollback=True):
        move(service, of)
    assert use(service, of.user, 3)["balance"] == 5
    service.commit()
    assert amounts(ledger(database.connect(), of.user)) == [10, -2, -3]
    assert amounts(pool_ledger(database.connect(), of.guild)) == [10]


def test_who_waits_for_a_savepoint_sees_the_account_as_it_is(database: Database, of: Pair) -> None:
    service, other = session(database, autocommit=False), session(database)
    service.execute("savepoint before")
    use(service, of.user, 6)
    with in_background(lambda: use(other, of.user, 7)) as outcome:
        wait_until_blocked(database.connect(), other.info.backend_pid)
        service.execute("rollback to savepoint before")
    assert outcome.result()["balance"] == 3
    assert use(service, of.user, 3)["balance"] == 0
    service.commit()


SWALLOWING = """
    do $$
    begin
        perform credits.use_credits('{user}', 2, 'chat', 'Before');
        begin
            perform credits.use_credits('{user}', 3, 'chat', 'Undone');
            perform {{call}};
        exception when others then
            null;
        end;
        perform credits.use_credits('{user}', 4, 'chat', 'After');
    end
    $$
"""


@pytest.mark.parametrize(
    "call",
    [
        "credits.use_credits('{user}', 50, 'chat', 'Too much')",
        "credits.use_credits_batch('{{{user}, {user}}}', '{{1}}', '{{chat}}', '{{One}}')",
        "credits.use_guild_credits('{guild}', '{user}', 50, 'chat', 'Too much')",
        "credits.fund_guild_pool('{user}', 'g2', 1)",
        "credits.refund_credits('{user}', 1, 'More than was used', gen_random_uuid())",
        "credits.grant_credits('{user}', 1e12, 'Too much', 'r')",
        "credits.reserve_credits('{user}', 50, 'Too much')",
        "gifts.create_gift('{user}', 50)",
        "1 / 0",
    ],
)
def test_an_error_that_is_swallowed_leaves_what_came_before(
    database: Database, of: Pair, call: str
) -> None:
    session(database).execute(
        SWALLOWING.format(**of._asdict()).format(call=call.format(**of._asdict()))
    )
    assert amounts(ledger(database.connect(), of.user)) == [10, -2, -4]
    assert amounts(pool_ledger(database.connect(), of.guild)) == [10]


def test_refusals_that_are_swallowed_one_by_one_do_no_harm(database: Database, of: Pair) -> None:
    session(database).execute(
        f"""
        do $$
        begin
            for i in 1 .. 300 loop
                begin
                    perform credits.use_credits('{of.user}', 0.1, 'chat', 'One');
                exception when others then
                    null;
                end;
            end loop;
        end
        $$
        """
    )
    assert balance(session(database), of.user) == 0
    assert len(ledger(database.connect(), of.user)) == 101
