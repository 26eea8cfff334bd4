"""Low-balance alerts: at what balance, of one's own or of a guild's pool, consumers are told."""

from typing import Any

from api.database.rows import LowBalanceAlert
from api.http.bodies import Body, Given
from api.http.fields import Limit
from api.http.operations import Answer, Caller, Operation, Right
from api.routes.calls import PREFIX


class NewAlert(Given):
    """The balance to alert at; null takes the alert away."""

    low_balance_at: Limit | None

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function."""
        return {"p_threshold": self.low_balance_at}


_OWN = PREFIX + "/credits/low-balance-alert"
_POOL = PREFIX + "/credits/guild/{guildId}/low-balance-alert"
_MEANING = (
    "Who listens is told by the event `balance.low` when what is owned falls from above"
    " `lowBalanceAt` to it or below."
)
_FOUND = {200: Answer("The alert; null is none.", [LowBalanceAlert])}
_SET = {200: Answer("The new alert.", [LowBalanceAlert])}

OPERATIONS = [
    Operation(
        "GET",
        _OWN,
        "getLowBalanceAlert",
        "At what balance one is told",
        tag="Personal credits",
        description=_MEANING,
        caller=Caller.USER,
        user_as="p_user_id",
        function="credits.get_low_balance_alert",
        answers=_FOUND,
        unmet=("guild_pool_not_found",),
    ),
    Operation(
        "PUT",
        _OWN,
        "setLowBalanceAlert",
        "Set at what balance one is told",
        tag="Personal credits",
        description=_MEANING + " Null takes the alert away.",
        caller=Caller.USER,
        user_as="p_user_id",
        body=Body(NewAlert),
        function="credits.set_low_balance_alert",
        answers=_SET,
        unmet=("guild_pool_not_found",),
    ),
    Operation(
        "GET",
        _POOL,
        "getGuildLowBalanceAlert",
        "At what balance of the pool the guild is told",
        tag="Guild pools",
        description=_MEANING,
        caller=Caller.USER,
        right=Right.MEMBER,
        function="credits.get_low_balance_alert",
        answers=_FOUND,
    ),
    Operation(
        "PUT",
        _POOL,
        "setGuildLowBalanceAlert",
        "Set at what balance of the pool the guild is told",
        tag="Guild pools",
        description=_MEANING + " For owners and admins. Null takes the alert away.",
        caller=Caller.USER,
        right=Right.MANAGER,
        body=Body(NewAlert),
        function="credits.set_low_balance_alert",
        answers=_SET,
    ),
]
