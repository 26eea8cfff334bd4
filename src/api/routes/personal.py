"""Personal credits: balance and use of the user who asks."""

from starlette.requests import Request
from starlette.responses import Response

from api.database.rows import Balance
from api.http.answers import json_answer
from api.http.bodies import Body
from api.http.operations import AT, MEMBERS_ONLY, Answer, Caller, Operation
from api.http.parameters import Query
from api.identity.guild_policy import require_member
from api.routes.prefix import PREFIX
from api.routes.usage import (
    GuildUse,
    PersonalUse,
    UserUse,
    arguments_of,
    guild_of,
    use_guild,
    use_personal,
)
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
    await require_member(services.memberships, guild_id, user.id)
    return json_answer(await use_guild(services.database, guild_id, user.id, arguments))


OPERATIONS = [
    Operation(
        method="POST",
        path=PREFIX + "/credits/use",
        handler=use_credits,
        name="useCredits",
        tag="Personal credits",
        summary="Use one's own credits, or those of one's guild",
        description="Debits the caller's balance, or with `creditSource` the pool of a guild.",
        caller=Caller.USER,
        body=USE,
        keyed=True,
        answers={200: Answer("The debit's ledger row.", [PersonalUse, GuildUse])},
        calls=("credits.use_credits", "credits.use_guild_credits"),
        refusals=MEMBERS_ONLY,
    ),
    Operation(
        method="GET",
        path=PREFIX + "/credits/balance",
        handler=get_balance,
        name="getBalance",
        tag="Personal credits",
        summary="One's own balance",
        description="All zeros for a user never seen; nothing is written by asking.",
        caller=Caller.USER,
        query=[AT],
        answers={200: Answer("The balance, now or then.", [Balance])},
    ),
]
