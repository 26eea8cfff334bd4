"""What one call may move."""

from decimal import Decimal

import pytest

from databases import Connection, refused
from sql.arguments.operations import OPERATIONS, make_rich, move

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
