"""Credit amounts on the wire: JSON numbers in, exact decimals inside."""

from decimal import Decimal
from typing import Any

# Far wider than any amount that the database accepts: the range is its rule. These only keep a
# number such as 1e999999999 from being written out in full on its way there.
_MOST_DIGITS_BEFORE_POINT = 20
_MOST_DIGITS_AFTER_POINT = 30


class Credits(Decimal):
    """An amount of credits in a request: a JSON number, kept exact."""


def credits_from_json(value: Any) -> Credits:
    """Turn a decoded JSON value into an amount.

    Raises:
        ValueError: It is not a number, or has more digits than any amount.
    """
    if type(value) is not int and type(value) is not Decimal:
        raise ValueError("must be a number")
    amount = Credits(value)
    exponent = amount.as_tuple().exponent
    if (
        not isinstance(exponent, int)
        or exponent < -_MOST_DIGITS_AFTER_POINT
        or (amount.adjusted() >= _MOST_DIGITS_BEFORE_POINT)
    ):
        raise ValueError("is out of range")
    return amount
