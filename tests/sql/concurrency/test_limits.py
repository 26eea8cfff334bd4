"""Limits of one's own and frozen accounts under calls made at once."""

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database, refused
from tests.sql.calls import Row, Session, balance, give, limit, pool, use, use_guild
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import reserve
from tests.sql.limits.calls import freeze, own, set_default, set_own, spent


def test_limit_holds_under_thirty_debits_at_once(database: Database) -> None:
    give(session(database), "u1", 100)
    set_own(session(database), "u1", daily=10, perApp={"chat": {"weekly": 8}})
    outcomes = run_parallel(database, 30, lambda connection, _: use(connection, "u1", 1))
    assert len(successes(outcomes)) == 8
    assert refusals(outcomes) == {"UC003": 22}
    assert spent(session(database), "u1") == (8, 8, 8)


def test_first_debits_count_what_was_spent_before_once(database: Database) -> None:
    give(session(database), "u1", 100)
    use(session(database), "u1", 5)
    set_own(session(database), "u1", daily=10)
    outcomes = run_parallel(database, 10, lambda connection, _: use(connection, "u1", 1))
    assert len(successes(outcomes)) == 5


def test_uses_and_holds_share_the_limit(database: Database) -> None:
    give(session(database), "u1", 100)
    set_own(session(database), "u1", monthly=10)

    def work(connection: Connection, i: int) -> Row:
        return use(connection, "u1", 1) if i % 2 else reserve(connection, "u1", 1)

    outcomes = run_parallel(database, 20, work)
    assert len(successes(outcomes)) == 10
    assert refusals(outcomes) == {"UC003": 10}


def test_debit_that_waited_for_a_limit_is_held_to_it(database: Database) -> None:
    give(session(database), "u1", 100)
    setting, debit = session(database, autocommit=False), session(database)
    set_own(setting, "u1", daily=5)
    outcome = in_background(lambda: run_parallel(database, 1, lambda *_: use(debit, "u1", 6)))
    with outcome as waiting:
        wait_until_blocked(database.connect(), debit.info.backend_pid)
        setting.commit()
    assert refusals(waiting.result()) == {"UC003": 1}


def test_limit_that_waited_for_a_debit_counts_it(database: Database) -> None:
    give(session(database), "u1", 100)
    debit, setting = session(database, autocommit=False), session(database)
    use(debit, "u1", 6)
    with in_background(lambda: set_own(setting, "u1", daily=8)) as waiting:
        wait_until_blocked(database.connect(), setting.info.backend_pid)
        debit.commit()
    assert waiting.result()[None]["spent_today"] == 6
    with refused(setting, "UC003"):
        use(setting, "u1", 3)


def test_debit_that_waited_for_the_limits_of_a_pool_is_held_to_them(database: Database) -> None:
    pool(session(database), "g1", 100)
    setting, debit = session(database, autocommit=False), session(database)
    set_default(setting, "g1", daily=5)
    outcome = in_background(
        lambda: run_parallel(database, 1, lambda *_: use_guild(debit, "g1", "u1", 6))
    )
    with outcome as waiting:
        wait_until_blocked(database.connect(), debit.info.backend_pid)
        setting.commit()
    assert refusals(waiting.result()) == {"UC003": 1}


def test_debit_that_waited_for_a_freeze_is_refused(database: Database) -> None:
    give(session(database), "u1", 100)
    freezing, debit = session(database, autocommit=False), session(database)
    freeze(freezing, "u1")
    outcome = in_background(lambda: run_parallel(database, 1, lambda *_: use(debit, "u1", 6)))
    with outcome as waiting:
        wait_until_blocked(database.connect(), debit.info.backend_pid)
        freezing.commit()
    assert refusals(waiting.result()) == {"UC023": 1}


def test_freeze_waits_for_a_debit_and_the_next_one_is_refused(database: Database) -> None:
    give(session(database), "u1", 100)
    debit, freezing = session(database, autocommit=False), session(database)
    use(debit, "u1", 6)
    with in_background(lambda: freeze(freezing, "u1")) as waiting:
        wait_until_blocked(database.connect(), freezing.info.backend_pid)
        debit.commit()
    assert waiting.result()["frozen"] is True
    with refused(freezing, "UC023"):
        use(freezing, "u1", 1)
    assert balance(freezing, "u1") == 94


def snapshot(database: Database) -> Connection:
    """A session that keeps a snapshot of now."""
    connection = session(database, autocommit=False)
    connection.execute("set transaction isolation level repeatable read")
    own(connection, "u1")
    return connection


def test_older_snapshot_does_not_get_around_a_limit(database: Database) -> None:
    give(session(database), "u1", 100)
    set_own(session(database), "u1", daily=50)
    older: Session = snapshot(database)
    set_own(session(database), "u1", perApp={"chat": {"daily": 1}})
    outcomes = run_parallel(database, 1, lambda *_: use(older, "u1", 6))
    assert refusals(outcomes) == {"40001": 1}


def test_older_snapshot_does_not_get_around_a_limit_of_a_member(database: Database) -> None:
    pool(session(database), "g1", 100)
    older: Session = snapshot(database)
    limit(session(database), "g1", "u1", daily_limit=0)
    outcomes = run_parallel(database, 1, lambda *_: use_guild(older, "g1", "u1", 6))
    assert refusals(outcomes) == {"40001": 1}


def test_limit_set_in_an_older_snapshot_counts_what_came_since(database: Database) -> None:
    give(session(database), "u1", 100)
    older = snapshot(database)
    use(session(database), "u1", 6)
    set_own(older, "u1", daily=8)
    older.commit()
    assert spent(session(database), "u1")[0] == 6
    with refused(session(database), "UC003"):
        use(session(database), "u1", 3)


def test_older_snapshot_does_not_get_around_a_freeze(database: Database) -> None:
    give(session(database), "u1", 100)
    older: Session = snapshot(database)
    freeze(session(database), "u1")
    outcomes = run_parallel(database, 1, lambda *_: use(older, "u1", 6))
    assert refusals(outcomes) == {"40001": 1}
