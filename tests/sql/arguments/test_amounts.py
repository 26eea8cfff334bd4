"""Amounts that one call may move."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.arguments.operations import OPERATIONS, make_rich, move
from tests.sql.calls import use_batch
from tests.sql.lifecycle import commit, grant, reserve

OUT_OF_RANGE = (
    "0",
    "-0.000001",
    "-1",
    "-999999999",
    "NaN",
    "Infinity",
    "-Infinity",
    "0.0000001",
    "0.1234567",
    "999999999.9999999",
    "1000000000",
    "1e15",
    "1e100",
    "1e-100",
    None,
)
everything_that_moves = pytest.mark.parametrize("function", OPERATIONS)


@pytest.fixture(autouse=True)
def rich(db: Connection) -> None:
    """The user u1 and the pool g1 have enough for every amount."""
    make_rich(db)


@everything_that_moves
def test_amount_out_of_range_is_refused(db: Connection, function: str) -> None:
    for amount in OUT_OF_RANGE:
        with refused(db, "UC001") as refusal:
            move(db, function, amount=amount)
        assert list(refusal.details) == ["amount"], amount


@everything_that_moves
def test_amount_is_moved_to_the_last_digit(db: Connection, function: str) -> None:
    for amount in ("0.000001", "0.02", "5", "999999999.999999"):
        answer = move(db, function, amount=amount)
        assert abs(answer["amount"]) == Decimal(amount)
        assert abs(answer["balance_after"] - answer["balance_before"]) == Decimal(amount)


@everything_that_moves
def test_zeros_at_the_end_are_not_decimals(db: Connection, function: str) -> None:
    assert abs(move(db, function, amount="0.50000000")["amount"]) == Decimal("0.5")


def test_zeros_at_the_end_are_not_kept(db: Connection, owner: Owner) -> None:
    """Every sum that they became part of would have them, in this account for ever."""
    amount = "0.5" + "0" * 1000
    for function in OPERATIONS:
        move(db, function, amount=amount)
    use_batch(db, {"amount": amount})
    grant(db, "u1", amount)
    commit(db, reserve(db, "u1", "1." + "0" * 1000), amount=amount)
    found = owner.execute(
        """
        select max(scale(e.amount)) as amount, max(scale(e.available)) as available,
            max(scale(e.reserved)) as reserved, max(scale(e.total_spent)) as total_spent
        from credits.entries e
        """
    ).fetchone()
    assert found is not None
    assert max(found.values()) <= 6
