"""Guild pools: for the members of a guild, some of it for its owners and admins."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.answers import BalanceOnly, Succeeded, columns
from api.http.bodies import Body, Given
from api.http.operations import Answer, Right, guild_pool
from api.http.parameters import PAGE
from api.identity.membership import manages, require_member
from api.routes.calls import list_page
from api.routes.usage import AnyUse, UserUse


class Fund(Given, kw_only=True):
    """The amount of one's own that goes into the pool."""

    amount: fields.Amount
    idempotency_key: fields.Key | None = None


class NewLimits(Given):
    """New limits: an absent one stays as it is, null removes it, 0 blocks."""

    daily_limit: fields.Limit | UnsetType | None = UNSET
    weekly_limit: fields.Limit | UnsetType | None = UNSET
    monthly_limit: fields.Limit | UnsetType | None = UNSET

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function, which is told beside each limit whether to set it."""
        return super().arguments() | {
            "p_set_daily": self.daily_limit is not UNSET,
            "p_set_weekly": self.weekly_limit is not UNSET,
            "p_set_monthly": self.monthly_limit is not UNSET,
        }


class NewMemberLimits(NewLimits):
    """New limits of a member: as they are for all members, without any, or for a while."""

    unlimited: bool | UnsetType | None = UNSET
    until: fields.Moment | UnsetType | None = UNSET

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function."""
        return super().arguments() | {
            "p_unlimited": None if self.unlimited is UNSET else bool(self.unlimited),
            "p_set_until": self.until is not UNSET,
        }


class FundedBalance(msgspec.Struct, rename="camel"):
    """A pool right after it was funded."""

    balance: Decimal
    total_funded: Decimal


class FundAnswer(Succeeded, kw_only=True):
    """Both sides of a funding; `transaction` is the funder's, `newBalance` the pool's."""

    transaction: rows.Transaction
    personal_balance: BalanceOnly
    pool_balance: Annotated[FundedBalance, columns("pool_balance", "pool_total_funded")]
    new_balance: Annotated[BalanceOnly, columns("pool_balance")]


class PoolUse(AnyUse, kw_only=True):
    """The answer to a use of the pool; `newBalance` is the pool's."""

    transaction: rows.GuildTransaction | None
    new_balance: BalanceOnly


async def list_guild_transactions(call: Call[Any]) -> Response:
    """The ledger of the pool, newest first.

    All of it for owners and admins, else a member's own rows.
    """
    guild_id = call.arguments["p_organization_id"]
    membership = await require_member(call.services.memberships, guild_id, call.user.id)
    if not manages(membership):
        call.arguments["p_user_id"] = call.user.id
    return await list_page(call, rows.GuildTransaction, call.operation.function)


OPERATIONS = [
    guild_pool(
        "POST /credits/guild/{guildId}/use",
        "Use credits of the pool",
        name="useGuildPool",
        description="Within the limits of the member.",
        body=Body(UserUse),
        user_as="p_user_id",
        right=Right.MEMBER,
        function="credits.use_guild_credits",
        answers={200: Answer("The debit's ledger row.", [PoolUse])},
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/balance",
        "The balance of the pool",
        function="credits.get_guild_balance",
        right=Right.MEMBER,
        answers={200: Answer("The pool.", [rows.PoolBalance])},
    ),
    guild_pool(
        "POST /credits/guild/{guildId}/fund",
        "Move credits of one's own into the pool",
        description="For owners and admins.",
        body=Body(Fund),
        function="credits.fund_guild_pool",
        right=Right.MANAGER,
        user_as="p_user_id",
        answers={200: Answer("Both sides of it.", [FundAnswer])},
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/transactions",
        description="Owners and admins see all of it, other members their own rows.",
        query=PAGE,
        function="credits.list_guild_transactions",
        handler=list_guild_transactions,
        answers={200: Answer("A page of it.", [list[rows.GuildTransaction]])},
        refusals=("not_a_guild_member",),
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/limits",
        "The limits of members who have none of their own",
        function="credits.get_guild_limits",
        right=Right.MEMBER,
        answers={200: Answer("The limits; null is none.", [rows.GuildLimits])},
    ),
    guild_pool(
        "PUT /credits/guild/{guildId}/limits",
        "Set the limits of members who have none of their own",
        description="For owners and admins. An absent limit stays, null removes it, 0 blocks.",
        body=Body(NewLimits),
        function="credits.set_guild_limits",
        right=Right.MANAGER,
        answers={200: Answer("The new limits.", [rows.GuildLimits])},
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/members/{userId}/limits",
        "The limits of a member",
        description="For the member, owners and admins.",
        function="credits.get_spending_limits",
        right=Right.ONESELF_OR_MANAGER,
        answers={200: Answer("The limits; null is none.", [rows.SpendingLimits])},
    ),
    guild_pool(
        "PUT /credits/guild/{guildId}/members/{userId}/limits",
        "Set the limits of a member",
        description="For owners and admins. An absent limit stays, null removes it, 0 blocks."
        " Windows without one have the limits for all members, but not who is `unlimited`. With"
        " `until` they end by themselves, and those before hold again.",
        body=Body(NewMemberLimits),
        function="credits.set_spending_limits",
        right=Right.MANAGER,
        answers={200: Answer("The new limits.", [rows.SpendingLimits])},
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/members/{userId}/spending",
        "Credits that a member has spent and may still spend",
        description="For the member, owners and admins.",
        function="credits.get_spending",
        right=Right.ONESELF_OR_MANAGER,
        answers={200: Answer("Today, this week and this month.", [rows.Spending])},
    ),
]
