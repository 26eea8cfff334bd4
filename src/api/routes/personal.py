"""Personal credits: balance and use of the user who asks."""

from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.bodies import Body
from api.identity.guild_policy import require_member
from api.parameters import Query
from api.routes.prefix import api_route
from api.routes.usage import UserUse, arguments_of, guild_of, use_guild, use_personal
from api.rows import Balance
from api.services import services_of

USE = Body(UserUse)


async def get_balance(request: Request) -> Response:
    """GET /credits/balance, now or at the time `at`."""
    services = services_of(request)
    user = await services.callers.user(request)
    query = Query(request)
    at = query.moment("at")
    query.check()
    return json_answer(
        await services.database.one("credits.get_balance", Balance, p_user_id=user.id, p_at=at)
    )


async def use_credits(request: Request) -> Response:
    """POST /credits/use, from one's own balance or from the pool of one's guild."""
    services = services_of(request)
    user = await services.callers.user(request)
    use = await USE.read(request)
    guild_id = guild_of(use)
    arguments = arguments_of(request, use, use.app_id)
    if guild_id is None:
        return json_answer(await use_personal(services.database, user.id, arguments))
    require_member(await services.memberships.of(guild_id, user.id))
    return json_answer(await use_guild(services.database, guild_id, user.id, arguments))


ROUTES = [
    api_route("POST", "/credits/use", use_credits),
    api_route("GET", "/credits/balance", get_balance),
]
