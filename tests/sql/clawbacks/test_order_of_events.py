"""Events about a payment end in the same state in every order, however often each comes."""

from collections.abc import Callable
from itertools import permutations
from random import Random
from typing import Any

import pytest

from databases import Connection, Owner
from sql.books import purchase_row
from sql.calls import Row, balance, give, use
from sql.lifecycle import Payments, figures

Event = Callable[[Payments, Row], object]

EVENTS: dict[str, Event] = {
    "paid": Payments.complete,
    "a third refunded": lambda payments, purchase: payments.refunded(purchase, 333),
    "two thirds refunded": lambda payments, purchase: payments.refunded(purchase, 667),
    "first dispute opened": lambda payments, purchase: payments.disputed(purchase, "open", 100),
    "first dispute won": lambda payments, purchase: payments.disputed(purchase, "won", 100),
    "second dispute opened": lambda payments, purchase: payments.disputed(
        purchase, "open", 250, "dp_2"
    ),
    "second dispute lost": lambda payments, purchase: payments.disputed(
        purchase, "lost", 250, "dp_2"
    ),
}


def state(db: Connection, owner: Owner, purchase: Row) -> list[Any]:
    """Everything that the events may leave behind."""
    kept = purchase_row(owner, purchase["purchase_id"])
    disputes = owner.execute(
        """
        select stripe_dispute_id, amount_cents, status from credits.purchase_disputes
        where purchase_id = %s order by 1
        """,
        (purchase["purchase_id"],),
    ).fetchall()
    after = figures(db, "u1")
    clawed_back = owner.execute("select clawed_back from credits.balances").fetchall()
    return [
        kept["status"],
        kept["refunded_cents"],
        kept["clawed_back_credits"],
        disputes,
        [after[name] for name in ("balance", "total_earned", "total_spent", "reserved")],
        clawed_back,
    ]


def test_paid_refunded_and_disputed_in_every_order(
    db: Connection, owner: Owner, payments: Payments
) -> None:
    names = ["paid", "a third refunded", "two thirds refunded"]
    names += ["second dispute opened", "second dispute lost"]
    purchase = payments.begin("u1")
    ends = []
    for order in permutations(names):
        with db.transaction(force_rollback=True):
            for name in order:
                EVENTS[name](payments, purchase)
            ends.append(state(db, owner, purchase))
    assert len(ends) == 120
    assert ends[0][:3] == ["completed", 667, 458.5]
    assert [end for end in ends if end != ends[0]] == []


@pytest.mark.parametrize("seed", range(5))
def test_all_events_in_random_order_and_repetition(
    db: Connection, owner: Owner, payments: Payments, seed: int
) -> None:
    random = Random(seed)  # noqa: S311
    purchase = payments.begin("u1")
    ends = []
    for _ in range(10):
        order = [*EVENTS, *random.choices(list(EVENTS), k=8)]
        random.shuffle(order)
        with db.transaction(force_rollback=True):
            for name in order:
                EVENTS[name](payments, purchase)
            ends.append(state(db, owner, purchase))
    assert ends[0][:3] == ["completed", 667, 458.5]
    assert [end for end in ends if end != ends[0]] == []


def test_spending_between_the_events_leaves_the_same_balance(
    db: Connection, owner: Owner, payments: Payments
) -> None:
    purchase = payments.begin("u1")
    give(db, "u1", 100)
    names = ["a third refunded", "first dispute opened", "first dispute won"]
    ends = []
    for order in permutations(["paid", *names]):
        for place in range(5):
            with db.transaction(force_rollback=True):
                for name in order[:place]:
                    EVENTS[name](payments, purchase)
                use(db, "u1", 90)
                for name in order[place:]:
                    EVENTS[name](payments, purchase)
                ends.append(balance(db, "u1"))
    assert len(ends) == 120
    assert set(ends) == {343.5}
