"""A person's own limits: how much of their own credits they use in a day, a week and a month."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.call import Call
from api.http import fields
from api.http.answers import columns
from api.http.bodies import Body, Given, text_of
from api.http.operations import Answer, for_services, own_credits


class NewWindows(Given):
    """New limits by window: an absent one stays as it is, null removes it, 0 blocks."""

    daily: fields.Limit | UnsetType | None = UNSET
    weekly: fields.Limit | UnsetType | None = UNSET
    monthly: fields.Limit | UnsetType | None = UNSET


class NewOwnLimits(NewWindows):
    """New limits of all apps together, and of single ones.

    An app's null removes all of its, and that of perApp those of all apps.
    """

    per_app: dict[fields.Id, NewWindows | None] | UnsetType | None = UNSET

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function, which reads the whole body."""
        return {"p_limits": text_of(self)}


class Windows(msgspec.Struct):
    """Credits by window; of limits, and of what they leave, null where there is none."""

    daily: Annotated[Decimal, columns("daily_limit")] | None
    weekly: Annotated[Decimal, columns("weekly_limit")] | None
    monthly: Annotated[Decimal, columns("monthly_limit")] | None


class Ends(msgspec.Struct):
    """The beginnings of the next day, ISO week and month."""

    daily: Annotated[fields.Moment, columns("day_resets_at")]
    weekly: Annotated[fields.Moment, columns("week_resets_at")]
    monthly: Annotated[fields.Moment, columns("month_resets_at")]


class Limits(Windows, rename="camel", kw_only=True):
    """Limits, what was spent or is held in their windows, and what they leave."""

    spent: Annotated[Windows, columns("spent_today", "spent_this_week", "spent_this_month")]
    remaining: Annotated[
        Windows, columns("daily_remaining", "weekly_remaining", "monthly_remaining")
    ]
    resets_at: Ends


class OwnLimits(Limits, rename="camel", kw_only=True):
    """Limits of all apps together, and of single ones."""

    per_app: dict[str, Limits]


class _Row(msgspec.Struct):
    """Limits of all apps together (no app), or of one."""

    app_id: str | None
    limits: Limits


async def answer_limits(call: Call[Any]) -> OwnLimits:
    """Answer with all limits of a person, as they are or have just been set."""
    together, *single = await call.many(_Row)
    return OwnLimits(
        **msgspec.structs.asdict(together.limits),
        per_app={row.app_id: row.limits for row in single if row.app_id is not None},
    )


_FOUND: dict[str, Any] = {
    "function": "credits.get_limits",
    "handler": answer_limits,
    "answers": {200: Answer("The limits; null is none.", [OwnLimits])},
}
_SET: dict[str, Any] = {
    "description": "An absent limit stays, null removes it, 0 blocks. It holds at once, and what"
    " was spent in the window before counts. Gifts and fundings do not count.",
    "body": Body(NewOwnLimits),
    "function": "credits.set_limits",
    "handler": answer_limits,
    "answers": {200: Answer("The new limits.", [OwnLimits])},
}
_OF_USER = "/internal/credits/limits/{userId}"

OPERATIONS = [
    own_credits("GET /credits/limits", "One's own limits, and what they leave", **_FOUND),
    own_credits("PUT /credits/limits", "Limit what one spends oneself", **_SET),
    for_services(
        f"GET {_OF_USER}", "A user's own limits, and what they leave", name="getLimitsOf", **_FOUND
    ),
    for_services(f"PUT {_OF_USER}", "Limit what a user spends", name="setLimitsOf", **_SET),
]
