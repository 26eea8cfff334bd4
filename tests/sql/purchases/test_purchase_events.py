"""Events of a purchase act in every order as they act in the right one."""

from itertools import permutations

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import ledger, purchase_row
from tests.sql.calls import balance
from tests.sql.purchases.conftest import Purchase


def tell(purchase: Purchase, event: str) -> None:
    if event == "paid":
        purchase.complete()
    elif event == "paid too little":
        purchase.complete(amount_cents=1)
    else:
        purchase.fail(event)


@pytest.mark.parametrize(
    "events",
    list(permutations(["paid", "processing", "failed", "cancelled"])),
    ids=", ".join,
)
def test_paid_purchase_is_credited_once_in_every_order(
    db: Connection, owner: Owner, purchase: Purchase, events: tuple[str, ...]
) -> None:
    for event in (*events, *events):
        tell(purchase, event)
    assert purchase_row(owner, purchase.id)["status"] == "completed"
    assert balance(db, "u1") == 500
    assert len(ledger(owner, "u1")) == 1


@pytest.mark.parametrize(
    "events",
    list(permutations(["paid too little", "processing", "failed", "cancelled"])),
    ids=", ".join,
)
def test_unpaid_purchase_ends_cancelled_in_every_order(
    db: Connection, owner: Owner, purchase: Purchase, events: tuple[str, ...]
) -> None:
    for event in events:
        tell(purchase, event)
    assert purchase_row(owner, purchase.id)["status"] == "cancelled"
    assert balance(db, "u1") == 0
