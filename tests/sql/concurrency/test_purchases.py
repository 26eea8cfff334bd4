"""Purchases under calls made at once."""

from collections import Counter

import pytest

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.books import add_package, ledger, purchase_row
from tests.sql.calls import Row, balance, call, use
from tests.sql.concurrency.outcomes import refusals, session, successes


@pytest.fixture
def purchase_id(database: Database) -> object:
    """A purchase of u1: 500 credits for 4.99 €."""
    package = add_package(database.connect())
    api = session(database, "api")
    return call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])[
        "purchase_id"
    ]


def complete(connection: Connection, purchase_id: object) -> Row:
    return call(
        connection,
        "credits.complete_purchase",
        user_id="u1",
        purchase_id=purchase_id,
        amount_cents=499,
        currency="eur",
    )


def fail(connection: Connection, purchase_id: object) -> Row:
    return call(
        connection,
        "credits.fail_purchase",
        user_id="u1",
        purchase_id=purchase_id,
        status="failed",
    )


def test_five_deliveries_at_once_credit_once(database: Database, purchase_id: object) -> None:
    outcomes = run_parallel(
        database, 5, lambda connection, _: complete(connection, purchase_id), "api"
    )
    found = Counter(answer["outcome"] for answer in successes(outcomes))
    assert found == {"completed": 1, "already_completed": 4}
    superuser = database.connect()
    assert balance(superuser, "u1") == 500
    assert len(ledger(superuser, "u1")) == 1


def test_failure_that_waits_for_a_success_does_not_undo_it(
    database: Database, purchase_id: object
) -> None:
    first = session(database, "api", autocommit=False)
    second = session(database, "api")
    complete(first, purchase_id)
    with in_background(lambda: fail(second, purchase_id)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert outcome.result()["outcome"] == "unchanged"
    assert purchase_row(database.connect(), purchase_id)["status"] == "completed"


def test_successes_and_failures_at_once_end_completed(
    database: Database, purchase_id: object
) -> None:
    outcomes = run_parallel(
        database,
        10,
        lambda connection, i: (complete if i % 2 else fail)(connection, purchase_id),
        "api",
    )
    assert refusals(outcomes) == {}
    superuser = database.connect()
    assert purchase_row(superuser, purchase_id)["status"] == "completed"
    assert balance(superuser, "u1") == 500


def test_purchase_is_completed_while_its_buyer_spends(
    database: Database, purchase_id: object
) -> None:
    complete(session(database, "api"), purchase_id)
    package = add_package(database.connect())
    api = session(database, "api")
    more = [
        call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])["purchase_id"]
        for _ in range(5)
    ]

    def act(connection: Connection, i: int) -> object:
        return complete(connection, more[i // 2]) if i % 2 else use(connection, "u1", 100)

    outcomes = run_parallel(database, 10, act, "api")
    assert refusals(outcomes) == {}
    assert balance(database.connect(), "u1") == 2500


def test_two_customers_saved_at_once_are_one(database: Database) -> None:
    outcomes = run_parallel(
        database,
        10,
        lambda connection, i: call(
            connection,
            "credits.save_stripe_customer",
            user_id="u1",
            stripe_customer_id=f"cus_{i}",
        )["stripe_customer_id"],
        "api",
    )
    assert refusals(outcomes) == {}
    assert len(set(successes(outcomes))) == 1


def test_two_purchases_at_once_are_not_both_credited_for_one_payment(database: Database) -> None:
    package = add_package(database.connect())
    api = session(database, "api")
    begun = [
        call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])["purchase_id"]
        for _ in range(4)
    ]
    outcomes = run_parallel(
        database,
        4,
        lambda connection, i: call(
            connection,
            "credits.complete_purchase",
            user_id="u1",
            purchase_id=begun[i],
            amount_cents=499,
            currency="eur",
            stripe_payment_intent_id="pi_1",
        ),
        "api",
    )
    found = Counter(answer["outcome"] for answer in successes(outcomes))
    assert found == {"completed": 1, "another_payment": 3}
    assert balance(database.connect(), "u1") == 500
