"""Amounts are exact: Decimals here, JSON numbers on the wire, never floats."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from .generated import AMOUNTS

Amount: TypeAlias = Decimal | int | str

_MOST_DIGITS_AFTER_POINT = 6
# Values that callers put there are theirs, whatever they call them.
_THEIRS = "metadata"


def digits(amount: Amount) -> str:
    """Return the digits of an amount, exactly as they are.

    Raises:
        TypeError: It is a float, or something else that is not exact.
        ValueError: It is no amount with at most 6 digits after the point.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        raise TypeError(f"an amount is a Decimal, an int or a str, and not {amount!r}")
    try:
        exact = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"not an amount: {amount!r}") from None
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_DIGITS_AFTER_POINT:
        raise ValueError(f"not an amount with at most 6 digits after the point: {amount!r}")
    return f"{exact:f}"


def write(value: Any, name: str = "") -> str:
    """Return JSON in which amounts have all of their digits."""
    if isinstance(value, list | tuple):
        return f"[{','.join(write(one, name) for one in value)}]"
    if isinstance(value, dict) and name != _THEIRS:
        members = ((key, one) for key, one in value.items() if one is not None)
        return "{" + ",".join(f"{json.dumps(key)}:{write(one, key)}" for key, one in members) + "}"
    if value is not None and name in AMOUNTS:
        return digits(value)
    return json.dumps(value, allow_nan=False)


def read(text: str | bytes) -> Any:
    """Return what JSON of the service's says: amounts as Decimals."""
    return _exact(json.loads(text, parse_float=Decimal), amount=False)


def _exact(value: Any, *, amount: bool) -> Any:
    if isinstance(value, list):
        return [_exact(one, amount=amount) for one in value]
    if isinstance(value, dict):
        return {
            name: one if name == _THEIRS else _exact(one, amount=amount or name in AMOUNTS)
            for name, one in value.items()
        }
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return Decimal(value) if amount and is_whole else value
