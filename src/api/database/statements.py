"""The text of a call: one statement that calls one function with named arguments."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Of one call, by parameter name.
Arguments = Mapping[str, Any]

_FUNCTION = re.compile(r"(credits|gifts)\.[a-z][a-z_]*")
_PARAMETER = re.compile(r"p_[a-z][a-z_]*")
_SETTING = re.compile(r"[a-z][a-z_.]*")

_CALL = "select {columns} from {call}"

# Settings last for the statement's transaction. That they are there before the function is called
# is certain only because the subquery refers to them; `offset 0` keeps the two from being merged.
_CALL_WITH_SETTINGS = (
    "select called.*"  # noqa: S608 (the placeholders are filled by psycopg)
    " from (select {settings}) as set (done)"
    f" cross join lateral ({_CALL} where set.done is not null offset 0) as called"
)


@lru_cache(maxsize=4096)
def call_statement(
    function: str,
    columns: tuple[str, ...],
    parameters: tuple[str, ...],
    settings: tuple[str, ...] = (),
) -> bytes:
    """Write the call of a function.

    All names are constants of this package, checked here all the same.

    Args:
        function: Qualified name.
        columns: What to select of its rows.
        parameters: Their names; the values are given under the same names.
        settings: Names of settings that hold for this call alone; the same goes for their values.
    """
    if (
        not _FUNCTION.fullmatch(function)
        or not all(map(_PARAMETER.fullmatch, parameters))
        or not all(map(_SETTING.fullmatch, settings))
    ):
        raise ValueError(f"not a function of ours: {function}")
    arguments = ", ".join(f"{name} => %({name})s" for name in parameters)
    return (
        (_CALL_WITH_SETTINGS if settings else _CALL)
        .format(
            columns=", ".join(columns),
            call=f"{function}({arguments})",
            settings=" || ".join(f"set_config('{name}', %({name})s, true)" for name in settings),
        )
        .encode()
    )
