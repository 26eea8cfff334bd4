"""Guild pools: for the members of a guild, some of it for its owners and admins."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from api.database.rows import (
    GuildLimits,
    GuildTransaction,
    PoolBalance,
    Spending,
    SpendingLimits,
    Transaction,
)
from api.http.answers import BalanceOnly, Repeatable, Success, columns
from api.http.bodies import Body, Given
from api.http.fields import Amount, Key, Limit, Moment
from api.http.operations import MEMBERS_ONLY, Answer, Right
from api.http.parameters import PAGE
from api.identity.membership import manages, require_member
from api.routes.calls import Call, guild_pool, list_page
from api.routes.usage import AnyUse, UserUse, use_guild


class Fund(Given, kw_only=True):
    """The amount of one's own that goes into the pool."""

    amount: Amount
    idempotency_key: Key | None = None


class NewLimits(Given):
    """New limits: an absent one stays as it is, null removes it, 0 blocks."""

    daily_limit: Limit | UnsetType | None = UNSET
    weekly_limit: Limit | UnsetType | None = UNSET
    monthly_limit: Limit | UnsetType | None = UNSET

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function, which is told beside each limit whether to set it."""
        windows = {
            "daily": self.daily_limit,
            "weekly": self.weekly_limit,
            "monthly": self.monthly_limit,
        }
        return {f"p_set_{name}": limit is not UNSET for name, limit in windows.items()} | {
            f"p_{name}_limit": None if limit is UNSET else limit for name, limit in windows.items()
        }


class NewMemberLimits(NewLimits):
    """New limits of a member: as they are for all members, without any, or for a while."""

    unlimited: bool | UnsetType | None = UNSET
    until: Moment | UnsetType | None = UNSET

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function."""
        return super().arguments() | {
            "p_unlimited": None if self.unlimited is UNSET else bool(self.unlimited),
            "p_set_until": self.until is not UNSET,
            "p_until": None if self.until is UNSET else self.until,
        }


class FundedBalance(msgspec.Struct, rename="camel"):
    """A pool right after it was funded."""

    balance: Decimal
    total_funded: Decimal


class FundAnswer(Repeatable, kw_only=True):
    """Both sides of a funding; `transaction` is the funder's, `newBalance` the pool's."""

    success: Success = True
    transaction: Transaction
    personal_balance: BalanceOnly
    pool_balance: Annotated[FundedBalance, columns("pool_balance", "pool_total_funded")]
    new_balance: Annotated[BalanceOnly, columns("pool_balance")]


class PoolUse(AnyUse, kw_only=True):
    """The answer to a use of the pool; `newBalance` is the pool's."""

    transaction: GuildTransaction | None
    new_balance: BalanceOnly


async def use_pool(call: Call[UserUse]) -> PoolUse:
    """Use credits of the pool, of whose balance less is told here than elsewhere."""
    return await use_guild(call, PoolUse)


async def list_pool_transactions(call: Call[Any]) -> Response:
    """Answer with all for owners and admins, with a member's own else."""
    guild_id = call.arguments["p_organization_id"]
    membership = await require_member(call.services.memberships, guild_id, call.user.id)
    if not manages(membership):
        call.arguments["p_user_id"] = call.user.id
    return await list_page(call, GuildTransaction, call.operation.function)


OPERATIONS = [
    guild_pool(
        "POST /credits/guild/{guildId}/use",
        "useGuildPool",
        "Use credits of the pool",
        description="Within the limits of the member.",
        body=Body(UserUse),
        user_as="p_user_id",
        right=Right.MEMBER,
        handler=use_pool,
        answers={200: Answer("The debit's ledger row.", [PoolUse])},
        calls=("credits.use_guild_credits",),
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/balance",
        "getGuildBalance",
        "What the pool holds",
        function="credits.get_guild_balance",
        right=Right.MEMBER,
        answers={200: Answer("The pool.", [PoolBalance])},
    ),
    guild_pool(
        "POST /credits/guild/{guildId}/fund",
        "fundGuildPool",
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
        "listGuildTransactions",
        "The ledger of the pool, newest first",
        description="Owners and admins see all of it, other members their own rows.",
        query=PAGE,
        function="credits.list_guild_transactions",
        handler=list_pool_transactions,
        answers={200: Answer("A page of it.", [list[GuildTransaction]], paged=True)},
        refusals=MEMBERS_ONLY,
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/limits",
        "getGuildLimits",
        "How much members may spend who have no limit of their own",
        function="credits.get_guild_limits",
        right=Right.MEMBER,
        answers={200: Answer("The limits; null is none.", [GuildLimits])},
    ),
    guild_pool(
        "PUT /credits/guild/{guildId}/limits",
        "setGuildLimits",
        "Set how much members may spend who have no limit of their own",
        description="For owners and admins. An absent limit stays, null removes it, 0 blocks.",
        body=Body(NewLimits),
        function="credits.set_guild_limits",
        right=Right.MANAGER,
        answers={200: Answer("The new limits.", [GuildLimits])},
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/members/{userId}/limits",
        "getSpendingLimits",
        "How much a member may spend",
        description="For the member, owners and admins.",
        function="credits.get_spending_limits",
        right=Right.ONESELF_OR_MANAGER,
        answers={200: Answer("The limits; null is none.", [SpendingLimits])},
    ),
    guild_pool(
        "PUT /credits/guild/{guildId}/members/{userId}/limits",
        "setSpendingLimits",
        "Set how much a member may spend",
        description="For owners and admins. An absent limit stays, null removes it, 0 blocks."
        " Windows without one have the limits for all members, but not who is `unlimited`. With"
        " `until` they end by themselves, and those before hold again.",
        body=Body(NewMemberLimits),
        function="credits.set_spending_limits",
        right=Right.MANAGER,
        answers={200: Answer("The new limits.", [SpendingLimits])},
    ),
    guild_pool(
        "GET /credits/guild/{guildId}/members/{userId}/spending",
        "getSpending",
        "What a member has spent and may still spend",
        description="For the member, owners and admins.",
        function="credits.get_spending",
        right=Right.ONESELF_OR_MANAGER,
        answers={200: Answer("Today, this week and this month.", [Spending])},
    ),
]
