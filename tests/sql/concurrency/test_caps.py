"""Caps of a service that calls at once."""

import pytest

from tests.concurrency import run_parallel
from tests.databases import Connection, Database
from tests.sql.calls import Row, balance, give, use
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import reserve


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    """u0 to u5 have 100 credits each; test_service may move 10 a day."""
    connection = database.connect()
    for n in range(6):
        give(connection, f"u{n}", 100)
    connection.execute(
        "insert into credits.service_caps (caller, max_amount_per_day) values ('test_service', 10)"
    )


def test_daily_cap_is_not_exceeded_by_thirty_calls_at_once(database: Database) -> None:
    def spend(connection: Connection, i: int) -> Row:
        return (use if i % 2 else reserve)(connection, f"u{i % 6}", 1)

    outcomes = run_parallel(database, 30, spend)
    assert (len(successes(outcomes)), refusals(outcomes)) == (10, {"UC016": 20})


def test_last_of_the_day_is_taken_by_one_of_twelve(database: Database) -> None:
    outcomes = run_parallel(database, 12, lambda connection, i: use(connection, f"u{i % 6}", 10))
    assert (len(successes(outcomes)), refusals(outcomes)) == (1, {"UC016": 11})
    left = sum(balance(session(database), f"u{n}") for n in range(6))
    assert left == 590


def test_one_key_ten_times_at_once_counts_once(database: Database) -> None:
    outcomes = run_parallel(
        database, 10, lambda connection, _: use(connection, "u0", 10, idempotency_key="k")
    )
    assert len(successes(outcomes)) == 10
    assert balance(session(database), "u0") == 90
