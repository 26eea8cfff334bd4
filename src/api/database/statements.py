"""The text of a call: one statement that calls one function with named arguments."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Of one call, by parameter name.
Arguments = Mapping[str, Any]


@lru_cache(maxsize=4096)
def call_statement(function: str, columns: tuple[str, ...], parameters: tuple[str, ...]) -> bytes:
    """Write the call of a function; all names are constants of this package.

    Args:
        function: Qualified name.
        columns: The columns to select of its rows.
        parameters: Their names; the values are given under the same names.
    """
    arguments = ", ".join(f"{name} => %({name})s" for name in parameters)
    return f"select {', '.join(columns)} from {function}({arguments})".encode()  # noqa: S608


def reading_statement(
    function: str, columns: tuple[str, ...], parameters: tuple[tuple[str, str], ...]
) -> bytes:
    """Write the calls of a function for each item of arrays, whose rows come in their order.

    Args:
        function: Qualified name.
        columns: The columns to select of what it returns for an item, which makes one row.
        parameters: Their names and types; arrays of values are given under the same names.
    """
    names = [name for name, _ in parameters]
    call = call_statement(function, columns, tuple(names)).decode()
    for name in names:
        call = call.replace(f"%({name})s", f"item.{name}")
    arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in parameters)
    items = f"unnest({arrays}) with ordinality as item ({', '.join(names)}, place)"
    statement = f"select answer.* from {items} cross join lateral ({call}) as answer"  # noqa: S608
    return f"{statement} order by item.place".encode()
