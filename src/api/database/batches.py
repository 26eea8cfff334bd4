"""The forms in which some functions are called for many calls at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.database.connections import Values
from api.database.functions import CALLER, REQUEST_ID
from api.database.refusals import details_of, refusal_told
from api.database.statements import Arguments, call_statement, reading_statement
from api.http.errors import ApiError

# A call that waits for a lock makes all the others of its batch wait with it. The setting lasts for
# the statement's transaction. It is certainly there before the function is called, because the
# subquery refers to it and `offset 0` keeps the two from being merged.
_LOCKING = (
    b"select called.* from (select set_config('lock_timeout', '200ms', true)) as set (done)"
    b" cross join lateral (%b where set.done is not null offset 0) as called"
)


class BatchForm:
    """A form in which a function is called for many calls at once, with arrays of arguments.

    The function itself is called for each item; one that is refused fails the batch. It has to
    return one row, or columns that make one of all rows.

    Attributes:
        parameters: Those of the function that may be given, with their types.
        most: The number of calls that may go together. It bounds how long they take, and so how
            long one caller with very many delays the others.
    """

    def __init__(self, parameters: Mapping[str, str], most: int = 128) -> None:
        self.parameters = parameters
        self.most = most

    def takes(self, arguments: Arguments) -> bool:
        """Return whether it has a parameter for every argument that is given."""
        return all(value is None or name in self.parameters for name, value in arguments.items())

    def statement(self, target: str, columns: tuple[str, ...]) -> bytes:
        """Return the statement of a batch; `outcomes` reads its rows."""
        return reading_statement(target, columns, tuple(self.parameters.items()))

    def arrays(self, calls: Sequence[Arguments]) -> dict[str, Any]:
        """Return the parameters of a batch of these calls."""
        return {name: [arguments.get(name) for arguments in calls] for name in self.parameters}

    def outcomes(self, rows: Sequence[Values]) -> list[Values | ApiError]:
        """Return what became of each call, in their order: its columns or its refusal."""
        return list(rows)


class Posting(BatchForm):
    """A function of its own that takes arrays, and tells of each item whether it is refused.

    Args:
        function: Its qualified name.
        parameters: Its parameters, by those of the function that takes one call: arrays, but for
            the caller, who is the same for all calls.
    """

    def __init__(self, function: str, parameters: Mapping[str, str]) -> None:
        super().__init__(parameters)
        self.function = function

    def statement(self, target: str, columns: tuple[str, ...]) -> bytes:
        """Return the call of the function."""
        selected = ("item", *_REFUSAL, *columns)
        return _LOCKING % call_statement(self.function, selected, tuple(self.parameters.values()))

    def arrays(self, calls: Sequence[Arguments]) -> dict[str, Any]:
        """Return the arguments under the names of the function that takes arrays."""
        return {
            many: calls[0].get(one)
            if one == CALLER
            else _array([arguments.get(one) for arguments in calls])
            for one, many in self.parameters.items()
        }

    def outcomes(self, rows: Sequence[Values]) -> list[Values | ApiError]:
        """Return columns or refusals, by the numbers of their items."""
        found: list[Values | ApiError] = [()] * len(rows)
        for item, *values in rows:
            found[item - 1] = _outcome(values)
        return found


_REFUSAL = ("refusal", "refusal_message", "refusal_detail")


def _outcome(values: list[Any]) -> Values | ApiError:
    state, message, detail, *columns = values
    if state is None:
        return tuple(columns)
    return refusal_told(state, message, details_of(detail))


def _array(values: list[Any]) -> list[Any] | None:
    """Return an array, or None for one that holds nothing: there is less to send and to read."""
    return values if any(value is not None for value in values) else None


_USE = {
    "p_user_id": "p_user_ids",
    "p_amount": "p_amounts",
    "p_app_id": "p_app_ids",
    "p_description": "p_descriptions",
    "p_idempotency_key": "p_idempotency_keys",
    "p_metadata": "p_metadata",
    "p_items": "p_items",
    "p_expected_amount": "p_expected_amounts",
    REQUEST_ID: "p_request_ids",
    CALLER: CALLER,
}

BATCH_FORMS: Mapping[str, BatchForm] = {
    "credits.get_balance": BatchForm({"p_user_id": "text"}),
    # First pages alone: whoever passes over rows has them read all the same.
    "credits.list_transactions": BatchForm({"p_user_id": "text", "p_limit": "integer"}, most=8),
    "credits.use_credits": Posting("credits.use_credits_batch", _USE),
    "credits.use_guild_credits": Posting(
        "credits.use_guild_credits_batch", {"p_organization_id": "p_organization_ids", **_USE}
    ),
}
