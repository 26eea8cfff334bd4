"""Events about one payment at once."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest

from tests.concurrency import run_parallel
from tests.databases import Connection, Database
from tests.sql.books import add_package, ledger, purchase_row
from tests.sql.calls import balance, give, use
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import Payments


@pytest.fixture
def package(database: Database) -> dict[str, object]:
    """500 credits for 10.00 €."""
    return add_package(database.connect(), price_euro_cents=1000)


@pytest.mark.parametrize("seed", range(2))
def test_all_events_in_every_order_at_once_end_in_one_state(
    database: Database, package: dict[str, object], seed: int
) -> None:
    purchase = Payments(session(database, "api"), package).begin("u1")

    def tell(connection: Connection, i: int) -> None:
        payments = Payments(connection, package)
        events: list[Callable[[], object]] = [
            lambda: payments.complete(purchase),
            # The present state, whatever the event was about.
            lambda: payments.refunded(purchase, 333),
            lambda: payments.refunded(purchase, 333),
            lambda: payments.disputed(purchase, "won", 200, "dp_1"),
            lambda: payments.disputed(purchase, "lost", 250, "dp_2"),
        ]
        Random(100 * seed + i).shuffle(events)  # noqa: S311
        for event in events:
            event()

    assert refusals(run_parallel(database, 8, tell, role="api")) == {}
    row = purchase_row(database.connect(), purchase["purchase_id"])
    names = ("status", "refunded_cents", "clawed_back_credits")
    assert [row[name] for name in names] == ["completed", 333, Decimal("291.5")]
    assert balance(session(database), "u1") == Decimal("208.5")


def test_full_refund_ten_times_takes_the_credits_once(
    database: Database, package: dict[str, object]
) -> None:
    purchase = Payments(session(database, "api"), package).buy("u1")
    outcomes = run_parallel(
        database,
        10,
        lambda connection, _: Payments(connection, package).refunded(purchase, 1000)["outcome"],
        role="api",
    )
    assert sorted(successes(outcomes)) == ["applied"] + ["unchanged"] * 9
    assert len(ledger(database.connect(), "u1")) == 2


def test_payment_and_refund_at_once_leave_nothing(
    database: Database, package: dict[str, object]
) -> None:
    setup = Payments(session(database, "api"), package)
    purchases = [setup.begin(f"u{n}") for n in range(10)]

    def tell(connection: Connection, i: int) -> None:
        payments = Payments(connection, package)
        for purchase in purchases:
            if i % 2:
                payments.complete(purchase)
            else:
                payments.refunded(purchase, 1000)

    assert refusals(run_parallel(database, 8, tell, role="api")) == {}
    left = [balance(session(database), purchase["user_id"]) for purchase in purchases]
    assert left == [0] * 10


def test_debits_and_a_refund_at_once_leave_no_more_debt_than_was_spent(
    database: Database, package: dict[str, object]
) -> None:
    purchase = Payments(session(database, "api"), package).buy("u1")

    def spend_or_refund(connection: Connection, i: int) -> int:
        if i == 6:
            Payments(connection, package).refunded(purchase, 1000)
            return 0
        use(connection, "u1", 50)
        return 50

    outcomes = run_parallel(database, 14, spend_or_refund, role="api")
    assert set(refusals(outcomes)) <= {"UC002"}
    assert balance(session(database), "u1") == -sum(successes(outcomes))


def test_debt_is_repaid_once_by_what_comes_in_at_once(
    database: Database, package: dict[str, object]
) -> None:
    setup = session(database, "api")
    purchase = Payments(setup, package).buy("u1")
    use(setup, "u1", 500)
    Payments(setup, package).refunded(purchase, 1000)
    outcomes = run_parallel(database, 10, lambda connection, _: give(connection, "u1", 60))
    assert refusals(outcomes) == {}
    assert balance(setup, "u1") == 100
