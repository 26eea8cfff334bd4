"""Low-balance alerts: at what balance, of one's own or of a guild's pool, consumers are told."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.database.rows import LowBalanceAlert
from api.http.answers import json_answer
from api.http.bodies import Body
from api.http.fields import Limit
from api.http.operations import MANAGERS_ONLY, MEMBERS_ONLY, Answer, Caller, Operation
from api.http.parameters import path_id
from api.identity.guild_policy import require_manager, require_member
from api.routes.prefix import PREFIX
from api.services import services_of


class NewAlert(msgspec.Struct, rename="camel"):
    """The balance to alert at; null takes the alert away."""

    low_balance_at: Limit | None


NEW_ALERT = Body(NewAlert)


async def get_own_alert(request: Request) -> Response:
    """GET /credits/low-balance-alert."""
    services = services_of(request)
    user = await services.callers.user(request)
    return json_answer(
        await services.database.one(
            "credits.get_low_balance_alert", LowBalanceAlert, p_user_id=user.id
        )
    )


async def set_own_alert(request: Request) -> Response:
    """PUT /credits/low-balance-alert."""
    services = services_of(request)
    user = await services.callers.user(request)
    body = await NEW_ALERT.read(request)
    return json_answer(
        await services.database.one(
            "credits.set_low_balance_alert",
            LowBalanceAlert,
            p_user_id=user.id,
            p_threshold=body.low_balance_at,
        )
    )


async def get_pool_alert(request: Request) -> Response:
    """GET /credits/guild/:id/low-balance-alert."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    await require_member(services.memberships, guild_id, user.id)
    return json_answer(
        await services.database.one(
            "credits.get_low_balance_alert", LowBalanceAlert, p_organization_id=guild_id
        )
    )


async def set_pool_alert(request: Request) -> Response:
    """PUT /credits/guild/:id/low-balance-alert."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    body = await NEW_ALERT.read(request)
    await require_manager(services.memberships, guild_id, user.id)
    return json_answer(
        await services.database.one(
            "credits.set_low_balance_alert",
            LowBalanceAlert,
            p_organization_id=guild_id,
            p_threshold=body.low_balance_at,
        )
    )


_OWN = PREFIX + "/credits/low-balance-alert"
_POOL = PREFIX + "/credits/guild/{guildId}/low-balance-alert"
_MEANING = (
    "Who listens is told by the event `balance.low` when what is owned falls from above"
    " `lowBalanceAt` to it or below."
)

OPERATIONS = [
    Operation(
        method="GET",
        path=_OWN,
        handler=get_own_alert,
        name="getLowBalanceAlert",
        tag="Personal credits",
        summary="At what balance one is told",
        description=_MEANING,
        caller=Caller.USER,
        answers={200: Answer("The alert; null is none.", [LowBalanceAlert])},
        calls=("credits.get_low_balance_alert",),
        unmet=("guild_pool_not_found",),
    ),
    Operation(
        method="PUT",
        path=_OWN,
        handler=set_own_alert,
        name="setLowBalanceAlert",
        tag="Personal credits",
        summary="Set at what balance one is told",
        description=_MEANING + " Null takes the alert away.",
        caller=Caller.USER,
        body=NEW_ALERT,
        answers={200: Answer("The new alert.", [LowBalanceAlert])},
        calls=("credits.set_low_balance_alert",),
        unmet=("guild_pool_not_found",),
    ),
    Operation(
        method="GET",
        path=_POOL,
        handler=get_pool_alert,
        name="getGuildLowBalanceAlert",
        tag="Guild pools",
        summary="At what balance of the pool the guild is told",
        description=_MEANING,
        caller=Caller.USER,
        answers={200: Answer("The alert; null is none.", [LowBalanceAlert])},
        calls=("credits.get_low_balance_alert",),
        refusals=MEMBERS_ONLY,
    ),
    Operation(
        method="PUT",
        path=_POOL,
        handler=set_pool_alert,
        name="setGuildLowBalanceAlert",
        tag="Guild pools",
        summary="Set at what balance of the pool the guild is told",
        description=_MEANING + " For owners and admins. Null takes the alert away.",
        caller=Caller.USER,
        body=NEW_ALERT,
        answers={200: Answer("The new alert.", [LowBalanceAlert])},
        calls=("credits.set_low_balance_alert",),
        refusals=MANAGERS_ONLY,
    ),
]
