"""Low-balance alerts: at what balance, of one's own or of a guild's pool, consumers are told."""

from typing import Any

import msgspec

from api.database import rows
from api.http import fields
from api.http.bodies import Body, Given
from api.http.operations import Answer, Right, guild_pool, own_credits


class NewAlert(Given):
    """The balance to alert at; null takes the alert away."""

    threshold: fields.Limit | None = msgspec.field(name="lowBalanceAt")


_MEANING = (
    "Who listens is told by the event `balance.low` when what is owned falls from above"
    " `lowBalanceAt` to it or below."
)
_FOUND: dict[str, Any] = {
    "function": "credits.get_low_balance_alert",
    "answers": {200: Answer("The alert; null is none.", [rows.LowBalanceAlert])},
}
_SET: dict[str, Any] = {
    "body": Body(NewAlert),
    "function": "credits.set_low_balance_alert",
    "answers": {200: Answer("The new alert.", [rows.LowBalanceAlert])},
}

OPERATIONS = [
    own_credits(
        "GET /credits/low-balance-alert",
        "The balance at which one is told",
        description=_MEANING,
        unmet=("guild_pool_not_found",),
        **_FOUND,
    ),
    own_credits(
        "PUT /credits/low-balance-alert",
        "Set the balance at which one is told",
        description=_MEANING + " Null takes the alert away.",
        unmet=("guild_pool_not_found",),
        **_SET,
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/low-balance-alert",
        "The balance of the pool at which the guild is told",
        name="getGuildLowBalanceAlert",
        description=_MEANING,
        right=Right.MEMBER,
        **_FOUND,
    ),
    guild_pool(
        "PUT /credits/guild/{guildId}/low-balance-alert",
        "Set the balance of the pool at which the guild is told",
        name="setGuildLowBalanceAlert",
        description=_MEANING + " For owners and admins. Null takes the alert away.",
        right=Right.MANAGER,
        **_SET,
    ),
]
