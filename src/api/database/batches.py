"""Functions that have another form which takes many calls at once, and how to speak with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.database.connections import Values
from api.database.functions import CALLER, REQUEST_ID
from api.database.refusals import details_of, refusal_told
from api.database.statements import Arguments, call_statement
from api.http.errors import ApiError

# A call that waits for a lock makes all the others of its batch wait with it. The setting lasts for
# the statement's transaction. It is certainly there before the function is called, because the
# subquery refers to it and `offset 0` keeps the two from being merged.
_LOCKING = (
    b"select called.* from (select set_config('lock_timeout', '200ms', true)) as set (done)"
    b" cross join lateral (%b where set.done is not null offset 0) as called"
)


@dataclass(frozen=True, slots=True)
class BatchForm:
    """The form of a function that takes arrays and returns one row for each item.

    Attributes:
        function: Its qualified name.
        parameters: Its parameters, by those of the function that takes one call: arrays, but for
            the caller, who is the same for all calls.
        locks: True if it takes the locks of accounts, and tells which call is refused; else it
            reads, and refuses none.
    """

    function: str
    parameters: Mapping[str, str]
    locks: bool

    def takes(self, arguments: Arguments) -> bool:
        """Return whether it has a parameter for every argument that is given."""
        return all(value is None or name in self.parameters for name, value in arguments.items())

    def statement(self, columns: tuple[str, ...]) -> bytes:
        """Return the statement of a batch; `outcomes` reads its rows."""
        refusal = _REFUSAL if self.locks else ()
        call = call_statement(
            self.function, ("item", *refusal, *columns), tuple(self.parameters.values())
        )
        return _LOCKING % call if self.locks else call

    def arrays(self, calls: Sequence[Arguments]) -> dict[str, Any]:
        """Return the parameters of a batch of these calls."""
        return {
            many: calls[0].get(one)
            if one == CALLER
            else _array([arguments.get(one) for arguments in calls])
            for one, many in self.parameters.items()
        }

    def outcomes(self, rows: Sequence[Values]) -> list[Values | ApiError]:
        """Return what became of each call, in their order: its columns or its refusal."""
        found: list[Values | ApiError] = [()] * len(rows)
        for item, *values in rows:
            found[item - 1] = _outcome(values) if self.locks else tuple(values)
        return found


_REFUSAL = ("refusal", "refusal_message", "refusal_detail")


def _outcome(values: list[Any]) -> Values | ApiError:
    state, message, detail, *columns = values
    if state is None:
        return tuple(columns)
    return refusal_told(state, message, details_of(detail))


def _array(values: list[Any]) -> list[Any] | None:
    """Return an array, or None for one that holds nothing: psycopg would ask what type it has."""
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
    "credits.get_balance": BatchForm(
        "credits.get_balances", {"p_user_id": "p_user_ids"}, locks=False
    ),
    "credits.use_credits": BatchForm("credits.use_credits_batch", _USE, locks=True),
    "credits.use_guild_credits": BatchForm(
        "credits.use_guild_credits_batch",
        {"p_organization_id": "p_organization_ids", **_USE},
        locks=True,
    ),
}
