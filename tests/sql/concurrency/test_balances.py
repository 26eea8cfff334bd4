"""Personal balances under calls made at once."""

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.books import ledger
from tests.sql.calls import balance, call, give, use
from tests.sql.concurrency.outcomes import refusals, session, successes


def test_last_credit_is_taken_by_one_of_thirty(database: Database) -> None:
    give(session(database), "u1", 1)
    outcomes = run_parallel(database, 30, lambda connection, _: use(connection, "u1", 1))
    assert len(successes(outcomes)) == 1
    assert refusals(outcomes) == {"UC002": 29}
    assert balance(session(database), "u1") == 0


def test_all_debits_are_made_while_there_are_credits(database: Database) -> None:
    give(session(database), "u1", 30)
    outcomes = run_parallel(database, 30, lambda connection, _: use(connection, "u1", 1))
    assert refusals(outcomes) == {}
    assert sorted(outcome["balance"] for outcome in successes(outcomes)) == list(range(30))


def test_one_key_twenty_times_at_once_is_one_debit(database: Database) -> None:
    give(session(database), "u1", 100)
    outcomes = run_parallel(
        database, 20, lambda connection, _: use(connection, "u1", 7, idempotency_key="k")
    )
    answers = successes(outcomes)
    assert len(answers) == 20
    assert len({answer["id"] for answer in answers}) == 1
    assert {answer["balance"] for answer in answers} == {93}
    assert sorted(answer["replayed"] for answer in answers) == [False] + [True] * 19
    assert len(ledger(database.connect(), "u1")) == 2


def test_one_key_with_twenty_amounts_at_once_is_one_debit(database: Database) -> None:
    give(session(database), "u1", 100)
    outcomes = run_parallel(
        database, 20, lambda connection, i: use(connection, "u1", 1 + i, idempotency_key="k")
    )
    assert len(successes(outcomes)) == 1
    assert refusals(outcomes) == {"UC004": 19}


def test_one_key_twenty_times_at_once_for_a_user_never_seen(database: Database) -> None:
    outcomes = run_parallel(
        database, 20, lambda connection, _: give(connection, "u1", 5, idempotency_key="k")
    )
    answers = successes(outcomes)
    assert len(answers) == 20
    assert len({answer["id"] for answer in answers}) == 1
    assert balance(session(database), "u1") == 5


def test_key_whose_first_call_is_rolled_back_is_free_again(database: Database) -> None:
    give(session(database), "u1", 10)
    first = session(database, autocommit=False)
    second = session(database)
    use(first, "u1", 4, idempotency_key="k")
    with in_background(lambda: use(second, "u1", 4, idempotency_key="k")) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.rollback()
    assert outcome.result()["replayed"] is False
    assert outcome.result()["balance"] == 6


def test_retry_waits_for_the_first_call_and_gets_its_result(database: Database) -> None:
    give(session(database), "u1", 10)
    first = session(database, autocommit=False)
    second = session(database)
    made = use(first, "u1", 4, idempotency_key="k")
    with in_background(lambda: use(second, "u1", 4, idempotency_key="k")) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert outcome.result() == {**made, "replayed": True}


def test_debits_of_two_users_do_not_wait_for_each_other(database: Database) -> None:
    for user_id in ("u1", "u2"):
        give(session(database), user_id, 10)
    first = session(database, autocommit=False)
    use(first, "u1", 4)
    assert use(session(database), "u2", 4)["balance"] == 6
    first.commit()


def test_reading_a_balance_does_not_wait(database: Database) -> None:
    give(session(database), "u1", 10)
    first = session(database, autocommit=False)
    use(first, "u1", 4)
    assert balance(session(database), "u1") == 10
    first.commit()


def test_first_operations_of_one_user_at_once_both_count(database: Database) -> None:
    first, second = session(database, autocommit=False), session(database)
    give(first, "u1", 5)
    with in_background(lambda: give(second, "u1", 2)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert outcome.result()["balance"] == 7


def test_account_opened_while_its_first_credits_come_in_is_the_same(database: Database) -> None:
    first, second = session(database, autocommit=False), session(database)
    give(first, "u1", 5)
    with in_background(lambda: call(second, "credits.init_balance", user_id="u1")) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert outcome.result()["balance"] == 5


def test_first_operations_of_two_users_do_not_wait_for_each_other(database: Database) -> None:
    first = session(database, autocommit=False)
    give(first, "u1", 5)
    assert give(session(database), "u2", 5)["balance"] == 5
    first.commit()


def test_twenty_accounts_opened_at_once_are_one(database: Database) -> None:
    outcomes = run_parallel(
        database, 20, lambda connection, _: call(connection, "credits.init_balance", user_id="u1")
    )
    assert len(successes(outcomes)) == 20
    assert len({answer["created_at"] for answer in successes(outcomes)}) == 1


def test_chain_is_unbroken_under_debits_and_credits_at_once(database: Database) -> None:
    give(session(database), "u1", 1000)

    def move(connection: Connection, i: int) -> None:
        for _ in range(10):
            (use if i % 2 else give)(connection, "u1", 1 + i)

    outcomes = run_parallel(database, 10, move)
    assert refusals(outcomes) == {}
    rows = ledger(database.connect(), "u1")
    assert len(rows) == 101
    assert [row["balance_before"] for row in rows[1:]] == [
        row["balance_after"] for row in rows[:-1]
    ]
    times = [row["created_at"] for row in rows]
    assert times == sorted(times)
