"""A person's own limits: how much of their own credits they use in a day, a week and a month."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.database.rows import Row
from api.http.answers import json_answer
from api.http.bodies import Body
from api.http.fields import Id, Limit, Moment, text_of
from api.http.operations import Answer, Caller, Operation
from api.http.parameters import path_id
from api.routes.prefix import PREFIX
from api.services import calling_service, services_of


class NewWindows(msgspec.Struct):
    """New limits by window: an absent one stays as it is, null removes it, 0 blocks."""

    daily: Limit | UnsetType | None = UNSET
    weekly: Limit | UnsetType | None = UNSET
    monthly: Limit | UnsetType | None = UNSET


class NewOwnLimits(NewWindows, rename="camel"):
    """New limits of all apps together, and of single ones; an app's null removes all of its."""

    per_app: dict[Id, NewWindows | None] | UnsetType | None = UNSET


class Windows(msgspec.Struct):
    """Credits by window; null where there is no limit, of `spent` where there is none at all."""

    daily: Decimal | None
    weekly: Decimal | None
    monthly: Decimal | None


class Ends(msgspec.Struct):
    """The beginnings of the next day, ISO week and month."""

    daily: Moment
    weekly: Moment
    monthly: Moment


class Limits(Windows, rename="camel", kw_only=True):
    """Limits, what was spent or is held in their windows, and what they leave."""

    spent: Windows
    remaining: Windows
    resets_at: Ends


class OwnLimits(Limits, rename="camel", kw_only=True):
    """Limits of all apps together, and of single ones."""

    per_app: dict[str, Limits]


class LimitsRow(Row):
    """Limits of all apps together (no app), or of one."""

    app_id: str | None
    daily_limit: Decimal | None
    weekly_limit: Decimal | None
    monthly_limit: Decimal | None
    spent_today: Decimal | None
    spent_this_week: Decimal | None
    spent_this_month: Decimal | None
    daily_remaining: Decimal | None
    weekly_remaining: Decimal | None
    monthly_remaining: Decimal | None
    day_resets_at: Moment
    week_resets_at: Moment
    month_resets_at: Moment

    def limits(self) -> Limits:
        """Return them as they are answered."""
        return Limits(
            self.daily_limit,
            self.weekly_limit,
            self.monthly_limit,
            spent=Windows(self.spent_today, self.spent_this_week, self.spent_this_month),
            remaining=Windows(self.daily_remaining, self.weekly_remaining, self.monthly_remaining),
            resets_at=Ends(self.day_resets_at, self.week_resets_at, self.month_resets_at),
        )


NEW_LIMITS = Body(NewOwnLimits)


async def get_own_limits(request: Request) -> Response:
    """GET /credits/limits."""
    services = services_of(request)
    user = await services.callers.user(request)
    rows = await services.database.many("credits.get_limits", LimitsRow, p_user_id=user.id)
    return json_answer(_answer(rows))


async def set_own_limits(request: Request) -> Response:
    """PUT /credits/limits."""
    services = services_of(request)
    user = await services.callers.user(request)
    body = await NEW_LIMITS.read(request)
    rows = await services.database.many(
        "credits.set_limits", LimitsRow, p_user_id=user.id, p_limits=text_of(body)
    )
    return json_answer(_answer(rows))


async def get_limits_of(request: Request) -> Response:
    """GET /internal/credits/limits/:userId."""
    _, functions = calling_service(request)
    rows = await functions.many(
        "credits.get_limits", LimitsRow, p_user_id=path_id(request, "userId")
    )
    return json_answer(_answer(rows))


async def set_limits_of(request: Request) -> Response:
    """PUT /internal/credits/limits/:userId."""
    _, functions = calling_service(request)
    user_id = path_id(request, "userId")
    body = await NEW_LIMITS.read(request)
    rows = await functions.many(
        "credits.set_limits", LimitsRow, p_user_id=user_id, p_limits=text_of(body)
    )
    return json_answer(_answer(rows))


def _answer(rows: Sequence[LimitsRow]) -> OwnLimits:
    together, *single = rows
    return OwnLimits(
        **msgspec.structs.asdict(together.limits()),
        per_app={row.app_id: row.limits() for row in single if row.app_id is not None},
    )


_OWN = PREFIX + "/credits/limits"
_OF_ANYBODY = PREFIX + "/internal/credits/limits/{userId}"
_CHANGE = (
    "An absent limit stays, null removes it, 0 blocks. It holds at once, and what was spent in the"
    " window before counts. Gifts and fundings do not count."
)

OPERATIONS = [
    Operation(
        method="GET",
        path=_OWN,
        handler=get_own_limits,
        name="getLimits",
        tag="Personal credits",
        summary="One's own limits, and what they leave",
        caller=Caller.USER,
        answers={200: Answer("The limits; null is none.", [OwnLimits])},
    ),
    Operation(
        method="PUT",
        path=_OWN,
        handler=set_own_limits,
        name="setLimits",
        tag="Personal credits",
        summary="Limit what one spends oneself",
        description=_CHANGE,
        caller=Caller.USER,
        body=NEW_LIMITS,
        answers={200: Answer("The new limits.", [OwnLimits])},
        calls=("credits.set_limits",),
    ),
    Operation(
        method="GET",
        path=_OF_ANYBODY,
        handler=get_limits_of,
        name="getLimitsOf",
        tag="Services: credits",
        summary="A user's own limits, and what they leave",
        caller=Caller.SERVICE,
        answers={200: Answer("The limits; null is none.", [OwnLimits])},
    ),
    Operation(
        method="PUT",
        path=_OF_ANYBODY,
        handler=set_limits_of,
        name="setLimitsOf",
        tag="Services: credits",
        summary="Limit what a user spends",
        description=_CHANGE,
        caller=Caller.SERVICE,
        body=NEW_LIMITS,
        answers={200: Answer("The new limits.", [OwnLimits])},
        calls=("credits.set_limits",),
    ),
]
