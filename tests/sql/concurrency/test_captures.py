"""Parts of holds, overruns and charges, while others call."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.concurrency import run_parallel
from tests.databases import Connection, Database
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, give, use
from tests.sql.concurrency.outcomes import refusals, successes
from tests.sql.lifecycle import commit, extend, figures, release, reserve
from tests.sql.moments import Clock, later
from tests.sql.prices.calls import capture, charge, items, price


def amounts(database: Database) -> list[Decimal]:
    return [row["amount"] for row in ledger(database.connect(), "u1")[1:]]


@pytest.fixture
def funded(database: Database) -> Database:
    """u1 has 10 credits."""
    give(database.connect("service"), "u1", 10)
    return database


def test_parts_at_once_never_exceed_the_hold(funded: Database) -> None:
    held = reserve(funded.connect("service"), "u1", 5)
    outcomes = run_parallel(
        funded, 4, lambda session, i: capture(session, held, 2, idempotency_key=f"c{i}")
    )
    assert len(successes(outcomes)) == 2
    assert refusals(outcomes) == Counter({"UC015": 2})
    assert amounts(funded) == [-2, -2]


def test_the_same_part_at_once_moves_once(funded: Database) -> None:
    held = reserve(funded.connect("service"), "u1", 5)
    outcomes = successes(run_parallel(funded, 4, lambda session, _: capture(session, held, 2)))
    assert sorted(row["replayed"] for row in outcomes) == [False, True, True, True]
    assert len({row["transaction_id"] for row in outcomes}) == 1
    assert amounts(funded) == [-2]


@pytest.mark.parametrize(("end", "sums"), [(commit, (5,)), (release, (0, 2))])
def test_part_and_end_at_once_use_each_credit_once(
    funded: Database, end: Callable[..., Row], sums: tuple[int, ...]
) -> None:
    held = reserve(funded.connect("service"), "u1", 5)
    outcomes = run_parallel(
        funded, 2, lambda session, i: end(session, held) if i else capture(session, held, 2)
    )
    assert refusals(outcomes).keys() <= {"UC012", "UC013"}
    answer = figures(funded.connect("service"), "u1")
    assert answer["reserved"] == 0
    assert 10 + sum(amounts(funded)) == answer["balance"]
    assert -sum(amounts(funded)) in sums


def test_overrun_and_use_at_once_spend_what_is_there(funded: Database) -> None:
    held = reserve(funded.connect("service"), "u1", 5)
    outcomes = run_parallel(
        funded,
        2,
        lambda session, i: (
            use(session, "u1", 3) if i else commit(session, held, amount=9, overrun="available")
        ),
    )
    assert refusals(outcomes).keys() <= {"UC002"}
    assert sum(amounts(funded)) in (-10, -9)
    assert balance(funded.connect("service"), "u1") == 10 + sum(amounts(funded))


def test_extension_and_part_past_the_end_at_once(funded: Database, clock: Clock) -> None:
    held = reserve(funded.connect("service"), "u1", 5, expires_in_seconds=3600)
    clock.move_to(held["expires_at"])
    outcomes = run_parallel(
        funded, 2, lambda session, i: extend(session, held, 60) if i else capture(session, held, 2)
    )
    assert not refusals(outcomes)
    answer = figures(funded.connect("service"), "u1")
    assert (answer["balance"], answer["reserved"]) == (5, 3)
    assert amounts(funded) == [-2]


def test_new_price_and_charges_at_once_leave_charges_that_follow(funded: Database) -> None:
    price(funded.connect(), "word", Decimal("0.02"))
    owner = funded.connect()

    def call(session: Connection, i: int) -> None:
        if i:
            charge(session, "u1", ("word", 1))
        else:
            price(owner, "word", Decimal("0.03"), valid_from=later(owner, 0.5))

    assert not refusals(run_parallel(funded, 5, call))
    assert set(amounts(funded)) <= {Decimal("-0.02"), Decimal("-0.03")}
    assert len(amounts(funded)) == 4


@pytest.mark.parametrize("new", [{"unit_price": 7}, {"unit_price": 2, "active": False}])
def test_hold_keeps_prices_that_it_was_told_beside_one_not_yet_committed(
    funded: Database, new: dict[str, Any]
) -> None:
    price(funded.connect(), "word", 2)
    service, support = funded.connect("service"), funded.connect()
    with support.transaction():
        price(support, "word", **{"valid_from": later(support, 0), **new})
        held = reserve(service, "u1", None, items=items(("word", 3)))
    assert capture(service, held, items=items(("word", 1)))["captured"] == 2
    assert commit(service, held, items=items(("word", 2)))["committed"] == 4
    assert amounts(funded) == [-2, -4]
