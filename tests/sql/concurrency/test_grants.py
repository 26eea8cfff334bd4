"""Grants that are made, spent and run out at once."""

from collections import Counter

import pytest

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.books import ledger
from tests.sql.calls import balance, give, use
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import HOUR, expire_due, figures, grant, refund, remaining
from tests.sql.moments import Clock, later


@pytest.mark.parametrize("expires_in", [None, HOUR])
def test_five_grants_of_one_reference_are_one(database: Database, expires_in: float | None) -> None:
    outcomes = run_parallel(
        database, 5, lambda connection, _: grant(connection, "u1", 5, expires_in=expires_in)
    )
    answers = successes(outcomes)
    assert len(answers) == 5
    assert len({answer["transaction_id"] for answer in answers}) == 1
    assert {answer["new_balance"] for answer in answers} == {5}
    assert Counter(answer["already_granted"] for answer in answers) == {True: 4, False: 1}
    assert balance(session(database), "u1") == 5


def test_of_ten_amounts_for_one_reference_one_is_granted(database: Database) -> None:
    outcomes = run_parallel(database, 10, lambda connection, i: grant(connection, "u1", 1 + i))
    answers = successes(outcomes)
    assert len(answers) == 10
    assert len({(answer["transaction_id"], answer["new_balance"]) for answer in answers}) == 1
    assert Counter(answer["already_granted"] for answer in answers) == {True: 9, False: 1}
    assert balance(session(database), "u1") == answers[0]["new_balance"]


def test_grants_of_two_references_are_both_made(database: Database) -> None:
    outcomes = run_parallel(
        database, 12, lambda connection, i: grant(connection, "u1", 1, f"r{i % 6}")
    )
    assert Counter(answer["already_granted"] for answer in successes(outcomes)) == {
        False: 6,
        True: 6,
    }
    assert balance(session(database), "u1") == 6


def test_debits_at_once_take_each_dated_credit_once(database: Database) -> None:
    setup = session(database)
    for n in range(5):
        grant(setup, "u1", 2, f"r{n}", expires_in=HOUR + n)
    give(setup, "u1", 2)
    outcomes = run_parallel(database, 12, lambda connection, _: use(connection, "u1", 1))
    assert refusals(outcomes) == {}
    assert remaining(database.connect(), "u1") == [0] * 5


def test_debits_and_refunds_at_once_leave_what_was_granted(database: Database) -> None:
    setup = session(database)
    for n in range(3):
        grant(setup, "u1", 10, f"r{n}", expires_in=HOUR + n)
    give(setup, "u1", 30)

    def use_and_return(connection: Connection, _: int) -> None:
        for _ in range(5):
            usage = use(connection, "u1", 2)["id"]
            refund(connection, "u1", usage, 1)
            refund(connection, "u1", usage, 1)

    outcomes = run_parallel(database, 8, use_and_return)
    assert refusals(outcomes) == {}
    assert balance(setup, "u1") == 60
    assert sum(remaining(database.connect(), "u1")) == 30


def test_credits_expire_once_however_many_write_it_down(database: Database, clock: Clock) -> None:
    setup = session(database, "api")
    give(setup, "u1", 10)
    ends = later(setup, HOUR)
    for n in range(3):
        grant(setup, "u1", 5, f"r{n}", expires_at=ends)
    clock.move_to(ends)

    def write_down(connection: Connection, i: int) -> None:
        if i % 2:
            expire_due(connection)
        else:
            give(connection, "u1", 1)

    outcomes = run_parallel(database, 8, write_down, role="api")
    assert refusals(outcomes) == {}
    rows = ledger(database.connect(), "u1")
    assert [row["amount"] for row in rows if row["type"] == "expiry"] == [-5] * 3
    assert balance(setup, "u1") == 14


def test_debit_that_waits_until_the_date_has_no_dated_credits(
    database: Database, clock: Clock
) -> None:
    first, second = session(database, autocommit=False), session(database)
    ends = later(second, HOUR)
    grant(second, "u1", 5, expires_at=ends)
    give(first, "u1", 1)
    with in_background(lambda: use(second, "u1", 2)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        clock.move_to(ends)
        first.commit()
    assert getattr(outcome.exception(), "sqlstate", None) == "UC002"
    assert figures(second, "u1")["balance"] == 1
