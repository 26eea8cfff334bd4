"""A transaction that keeps its snapshot is not charged by prices that hold no more."""

import pytest
from psycopg import IsolationLevel

from tests.databases import Connection, Database, refused
from tests.sql.calls import balance, give, rows
from tests.sql.concurrency.outcomes import session
from tests.sql.lifecycle import commit, reserve
from tests.sql.moments import Clock
from tests.sql.prices.calls import charge, items, price

OUTDATED = "40001"


@pytest.fixture
def superuser(database: Database) -> Connection:
    """A word costs 1, and u1 has 10 credits."""
    connection = database.connect()
    price(connection, "word", 1)
    give(connection, "u1", 10)
    return connection


@pytest.fixture
def service(database: Database, superuser: Connection, clock: Clock) -> Connection:
    """A transaction that began two minutes ago, before the price became 2."""
    # Not in the transaction, which would not see it: so it begins two minutes before the clock.
    clock.advance(120)
    connection = session(database, autocommit=False)
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    assert balance(connection, "u1") == 10
    price(superuser, "word", 2)
    return connection


def test_debit_by_items_begins_again(service: Connection) -> None:
    for _ in range(2):
        with refused(service, OUTDATED):
            charge(service, "u1", ("word", 1))
    with refused(service, OUTDATED):
        reserve(service, "u1", None, items=items(("word", 1)))
    with refused(service, OUTDATED):
        rows(
            service,
            "credits.use_credits_batch",
            user_ids=["u1"],
            app_ids=["chat"],
            descriptions=["One answer"],
            items=[items(("word", 1))],
        )
    service.rollback()
    service.isolation_level = IsolationLevel.READ_COMMITTED
    assert charge(service, "u1", ("word", 1))["amount"] == -2


def test_amounts_and_holds_are_charged(service: Connection) -> None:
    held = reserve(service, "u1", 3)
    commit(service, held)
    service.commit()
    assert balance(service, "u1") == 7


def test_retry_is_answered(database: Database, superuser: Connection, clock: Clock) -> None:
    charge(superuser, "u1", ("word", 1), idempotency_key="k")
    clock.advance(120)
    service = session(database)
    service.isolation_level = IsolationLevel.REPEATABLE_READ
    assert charge(service, "u1", ("word", 1), idempotency_key="k")["replayed"]
