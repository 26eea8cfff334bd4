"""Personal credits: balance and use of the user who asks."""

from api.database.rows import Balance
from api.http.bodies import Body
from api.http.operations import MEMBERS_ONLY, Answer, own_credits
from api.http.parameters import AT
from api.routes.usage import GuildUse, PersonalUse, UserUse, use_credits

OPERATIONS = [
    own_credits(
        "POST /credits/use",
        "Use one's own credits, or those of one's guild",
        description="Debits the caller's balance, or with `creditSource` the pool of a guild.",
        body=Body(UserUse),
        handler=use_credits,
        answers={200: Answer("The debit's ledger row.", [PersonalUse, GuildUse])},
        calls=("credits.use_credits", "credits.use_guild_credits"),
        refusals=MEMBERS_ONLY,
    ),
    own_credits(
        "GET /credits/balance",
        "One's own balance",
        description="All zeros for a user never seen; nothing is written by asking.",
        query=[AT],
        function="credits.get_balance",
        answers={200: Answer("The balance, now or then.", [Balance])},
    ),
]
