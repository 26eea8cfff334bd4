"""Guild pools under calls made at once."""

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.books import pool_balance, pool_ledger
from tests.sql.calls import balance, call, fund, give, limit, pool, use_guild
from tests.sql.concurrency.outcomes import refusals, session, successes


def test_daily_limit_holds_under_thirty_debits_at_once(database: Database) -> None:
    pool(session(database), "g1", 100)
    limit(session(database), "g1", "u1", daily_limit=10)
    outcomes = run_parallel(
        database, 30, lambda connection, _: use_guild(connection, "g1", "u1", 1)
    )
    assert len(successes(outcomes)) == 10
    assert refusals(outcomes) == {"UC003": 20}
    assert pool_balance(database.connect(), "g1") == 90


def test_monthly_limit_holds_under_thirty_debits_at_once(database: Database) -> None:
    pool(session(database), "g1", 100)
    limit(session(database), "g1", "u1", monthly_limit="2.5")
    outcomes = run_parallel(
        database, 30, lambda connection, _: use_guild(connection, "g1", "u1", "0.5")
    )
    assert len(successes(outcomes)) == 5
    assert refusals(outcomes) == {"UC003": 25}


def test_last_credit_of_a_pool_is_taken_by_one_of_thirty_members(database: Database) -> None:
    pool(session(database), "g1", 1)
    outcomes = run_parallel(
        database, 30, lambda connection, i: use_guild(connection, "g1", f"u{i}", 1)
    )
    assert len(successes(outcomes)) == 1
    assert refusals(outcomes) == {"UC002": 29}


def test_one_key_twenty_times_at_once_is_one_debit(database: Database) -> None:
    pool(session(database), "g1", 100)
    outcomes = run_parallel(
        database,
        20,
        lambda connection, _: use_guild(connection, "g1", "u1", 7, idempotency_key="k"),
    )
    answers = successes(outcomes)
    assert len(answers) == 20
    assert len({answer["id"] for answer in answers}) == 1
    assert len(pool_ledger(database.connect(), "g1")) == 2


def test_debit_waiting_for_another_one_is_held_to_the_limit(database: Database) -> None:
    pool(session(database), "g1", 100)
    limit(session(database), "g1", "u1", daily_limit=10)
    first, second = session(database, autocommit=False), session(database)
    use_guild(first, "g1", "u1", 6)
    outcome = in_background(
        lambda: run_parallel(database, 1, lambda *_: use_guild(second, "g1", "u1", 6))
    )
    with outcome as waiting:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert refusals(waiting.result()) == {"UC003": 1}


def test_credits_funded_twenty_times_at_once_are_moved_once(database: Database) -> None:
    give(session(database), "u1", 100)
    call(session(database), "credits.init_guild_pool", organization_id="g1")
    outcomes = run_parallel(
        database, 20, lambda connection, _: fund(connection, "u1", "g1", 7, idempotency_key="k")
    )
    answers = successes(outcomes)
    assert len(answers) == 20
    assert len({(answer["id"], answer["pool_transaction_id"]) for answer in answers}) == 1
    assert [balance(session(database), "u1"), pool_balance(database.connect(), "g1")] == [93, 7]


def test_last_credits_of_a_funder_go_to_one_of_two_pools(database: Database) -> None:
    give(session(database), "u1", 10)
    for guild in ("g0", "g1"):
        call(session(database), "credits.init_guild_pool", organization_id=guild)
    outcomes = run_parallel(
        database, 10, lambda connection, i: fund(connection, "u1", f"g{i % 2}", 10)
    )
    assert len(successes(outcomes)) == 1
    assert refusals(outcomes) == {"UC002": 9}


def test_funding_from_both_sides_ends_without_a_deadlock(database: Database) -> None:
    for n in range(2):
        pool(session(database), f"g{n}", 1000)
        give(session(database), f"u{n}", 1000)

    def move(connection: Connection, i: int) -> None:
        for turn in range(10):
            guild = f"g{(i + turn) % 2}"
            fund(connection, f"u{i % 2}", guild, 1)
            use_guild(connection, guild, f"u{(i + 1) % 2}", 1)

    outcomes = run_parallel(database, 12, move)
    assert refusals(outcomes) == {}
    superuser = database.connect()
    assert [pool_balance(superuser, f"g{n}") for n in range(2)] == [1000, 1000]
    assert [balance(superuser, f"u{n}") for n in range(2)] == [940, 940]


def test_twenty_pools_opened_at_once_are_one(database: Database) -> None:
    outcomes = run_parallel(
        database,
        20,
        lambda connection, _: call(connection, "credits.init_guild_pool", organization_id="g1"),
    )
    assert len({answer["created_at"] for answer in successes(outcomes)}) == 1
    assert refusals(outcomes) == {}


def test_limits_set_at_once_do_not_erase_each_other(database: Database) -> None:
    def set_one(connection: Connection, i: int) -> None:
        if i % 2:
            limit(connection, "g1", "u1", daily_limit=5, set_monthly=False)
        else:
            limit(connection, "g1", "u1", monthly_limit=50, set_daily=False)

    outcomes = run_parallel(database, 10, set_one)
    assert refusals(outcomes) == {}
    answer = call(
        session(database, "api"), "credits.get_spending_limits", organization_id="g1", user_id="u1"
    )
    assert (answer["daily_limit"], answer["monthly_limit"]) == (5, 50)
