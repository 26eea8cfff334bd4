"""Guild pools: for the members of a guild, some of it for its owners and admins."""

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.database.rows import (
    Charge,
    Funding,
    GuildLimits,
    GuildTransaction,
    PoolBalance,
    Spending,
    SpendingLimits,
    Transaction,
)
from api.http.answers import BalanceOnly, Repeatable, json_answer, repeated
from api.http.bodies import Body
from api.http.fields import Amount, Key, Limit, Moment
from api.http.idempotency import idempotency_key
from api.http.operations import MANAGERS_ONLY, MEMBERS_ONLY, PAGE, Answer, Caller, Operation
from api.http.paging import page_answer
from api.http.parameters import Query, path_id
from api.identity.guild_policy import (
    manages,
    require_manager,
    require_member,
    require_self_or_manager,
)
from api.routes.prefix import PREFIX
from api.routes.usage import UserUse, arguments_of, use_guild
from api.services import Services, services_of


class Fund(msgspec.Struct, rename="camel", kw_only=True):
    """The amount of one's own that goes into the pool."""

    amount: Amount
    idempotency_key: Key | None = None


class NewLimits(msgspec.Struct, rename="camel"):
    """New limits: an absent one stays as it is, null removes it, 0 blocks."""

    daily_limit: Limit | UnsetType | None = UNSET
    weekly_limit: Limit | UnsetType | None = UNSET
    monthly_limit: Limit | UnsetType | None = UNSET

    def arguments(self) -> dict[str, Any]:
        """Return what the database is told."""
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
        """Return what the database is told."""
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

    success: bool = True
    transaction: Transaction
    personal_balance: BalanceOnly
    pool_balance: FundedBalance
    new_balance: BalanceOnly


class PoolUse(Repeatable, kw_only=True):
    """The answer to a use of the pool; `newBalance` is the pool's."""

    success: bool = True
    transaction: GuildTransaction | None
    new_balance: BalanceOnly
    charge: Charge | UnsetType = UNSET


FUND = Body(Fund)
USE = Body(UserUse)
LIMITS = Body(NewLimits)
MEMBER_LIMITS = Body(NewMemberLimits)


async def get_pool_balance(request: Request) -> Response:
    """GET /credits/guild/:id/balance."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    await require_member(services.memberships, guild_id, user.id)
    return json_answer(
        await services.database.one(
            "credits.get_guild_balance", PoolBalance, p_organization_id=guild_id
        )
    )


async def fund_pool(request: Request) -> Response:
    """POST /credits/guild/:id/fund."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    body = await FUND.read(request)
    key = idempotency_key(request, body.idempotency_key)
    await require_manager(services.memberships, guild_id, user.id)
    funding = await services.database.one(
        "credits.fund_guild_pool",
        Funding,
        p_user_id=user.id,
        p_organization_id=guild_id,
        p_amount=body.amount,
        p_idempotency_key=key,
    )
    return json_answer(
        FundAnswer(
            transaction=funding.transaction(),
            personal_balance=BalanceOnly(funding.balance),
            pool_balance=FundedBalance(funding.pool_balance, funding.pool_total_funded),
            new_balance=BalanceOnly(funding.pool_balance),
            **repeated(funding.replayed),
        )
    )


async def use_pool(request: Request) -> Response:
    """POST /credits/guild/:id/use."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    use = await USE.read(request)
    arguments = arguments_of(request, use, use.app_id)
    await require_member(services.memberships, guild_id, user.id)
    used = await use_guild(services.database, guild_id, user.id, arguments)
    return json_answer(
        PoolUse(
            transaction=used.transaction,
            new_balance=BalanceOnly(used.new_balance.balance),
            charge=used.charge,
            message=used.message,
            replayed=used.replayed,
        )
    )


async def list_pool_transactions(request: Request) -> Response:
    """GET /credits/guild/:id/transactions: all for owners and admins, a member's own else."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    query = Query(request)
    page = query.page()
    query.check()
    membership = await require_member(services.memberships, guild_id, user.id)
    items = await services.database.items(
        "credits.list_guild_transactions",
        GuildTransaction,
        p_organization_id=guild_id,
        p_user_id=None if manages(membership) else user.id,
        **page.arguments(),
    )
    return page_answer(request, page, items, services.settings.base_url)


async def get_guild_limits(request: Request) -> Response:
    """GET /credits/guild/:id/limits."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    await require_member(services.memberships, guild_id, user.id)
    return json_answer(
        await services.database.one(
            "credits.get_guild_limits", GuildLimits, p_organization_id=guild_id
        )
    )


async def set_guild_limits(request: Request) -> Response:
    """PUT /credits/guild/:id/limits."""
    services = services_of(request)
    user = await services.callers.user(request)
    guild_id = path_id(request, "guildId")
    body = await LIMITS.read(request)
    await require_manager(services.memberships, guild_id, user.id)
    return json_answer(
        await services.database.one(
            "credits.set_guild_limits", GuildLimits, p_organization_id=guild_id, **body.arguments()
        )
    )


async def get_limits(request: Request) -> Response:
    """GET /credits/guild/:id/members/:uid/limits."""
    services, member = await _member_seen_by_caller(request)
    return json_answer(
        await services.database.one("credits.get_spending_limits", SpendingLimits, **member)
    )


async def set_limits(request: Request) -> Response:
    """PUT /credits/guild/:id/members/:uid/limits."""
    services = services_of(request)
    user = await services.callers.user(request)
    member = _member(request)
    body = await MEMBER_LIMITS.read(request)
    await require_manager(services.memberships, member["p_organization_id"], user.id)
    return json_answer(
        await services.database.one(
            "credits.set_spending_limits", SpendingLimits, **member, **body.arguments()
        )
    )


async def get_spending(request: Request) -> Response:
    """GET /credits/guild/:id/members/:uid/spending."""
    services, member = await _member_seen_by_caller(request)
    return json_answer(await services.database.one("credits.get_spending", Spending, **member))


async def _member_seen_by_caller(request: Request) -> tuple[Services, dict[str, Any]]:
    """Return the member that a path names, if the caller may look at them."""
    services = services_of(request)
    user = await services.callers.user(request)
    member = _member(request)
    await require_self_or_manager(
        services.memberships, member["p_organization_id"], user.id, member["p_user_id"]
    )
    return services, member


def _member(request: Request) -> dict[str, Any]:
    return {
        "p_organization_id": path_id(request, "guildId"),
        "p_user_id": path_id(request, "userId"),
    }


_POOL = PREFIX + "/credits/guild/{guildId}"
_MEMBER = _POOL + "/members/{userId}"

OPERATIONS = [
    Operation(
        method="POST",
        path=_POOL + "/use",
        handler=use_pool,
        name="useGuildPool",
        tag="Guild pools",
        summary="Use credits of the pool",
        description="Within the limits of the member.",
        caller=Caller.USER,
        body=USE,
        keyed=True,
        answers={200: Answer("The debit's ledger row.", [PoolUse])},
        calls=("credits.use_guild_credits",),
        refusals=MEMBERS_ONLY,
    ),
    Operation(
        method="GET",
        path=_POOL + "/balance",
        handler=get_pool_balance,
        name="getGuildBalance",
        tag="Guild pools",
        summary="What the pool holds",
        caller=Caller.USER,
        answers={200: Answer("The pool.", [PoolBalance])},
        calls=("credits.get_guild_balance",),
        refusals=MEMBERS_ONLY,
    ),
    Operation(
        method="POST",
        path=_POOL + "/fund",
        handler=fund_pool,
        name="fundGuildPool",
        tag="Guild pools",
        summary="Move credits of one's own into the pool",
        description="For owners and admins.",
        caller=Caller.USER,
        body=FUND,
        keyed=True,
        answers={200: Answer("Both sides of it.", [FundAnswer])},
        calls=("credits.fund_guild_pool",),
        refusals=MANAGERS_ONLY,
    ),
    Operation(
        method="GET",
        path=_POOL + "/transactions",
        handler=list_pool_transactions,
        name="listGuildTransactions",
        tag="Guild pools",
        summary="The ledger of the pool, newest first",
        description="Owners and admins see all of it, other members their own rows.",
        caller=Caller.USER,
        query=PAGE,
        answers={200: Answer("A page of it.", [list[GuildTransaction]], paged=True)},
        refusals=MEMBERS_ONLY,
    ),
    Operation(
        method="GET",
        path=_POOL + "/limits",
        handler=get_guild_limits,
        name="getGuildLimits",
        tag="Guild pools",
        summary="How much members may spend who have no limit of their own",
        caller=Caller.USER,
        answers={200: Answer("The limits; null is none.", [GuildLimits])},
        calls=("credits.get_guild_limits",),
        refusals=MEMBERS_ONLY,
    ),
    Operation(
        method="PUT",
        path=_POOL + "/limits",
        handler=set_guild_limits,
        name="setGuildLimits",
        tag="Guild pools",
        summary="Set how much members may spend who have no limit of their own",
        description="For owners and admins. An absent limit stays, null removes it, 0 blocks.",
        caller=Caller.USER,
        body=LIMITS,
        answers={200: Answer("The new limits.", [GuildLimits])},
        calls=("credits.set_guild_limits",),
        refusals=MANAGERS_ONLY,
    ),
    Operation(
        method="GET",
        path=_MEMBER + "/limits",
        handler=get_limits,
        name="getSpendingLimits",
        tag="Guild pools",
        summary="How much a member may spend",
        description="For the member, owners and admins.",
        caller=Caller.USER,
        answers={200: Answer("The limits; null is none.", [SpendingLimits])},
        refusals=MANAGERS_ONLY,
    ),
    Operation(
        method="PUT",
        path=_MEMBER + "/limits",
        handler=set_limits,
        name="setSpendingLimits",
        tag="Guild pools",
        summary="Set how much a member may spend",
        description="For owners and admins. An absent limit stays, null removes it, 0 blocks."
        " Windows without one have the limits for all members, but not who is `unlimited`. With"
        " `until` they end by themselves, and those before hold again.",
        caller=Caller.USER,
        body=MEMBER_LIMITS,
        answers={200: Answer("The new limits.", [SpendingLimits])},
        calls=("credits.set_spending_limits",),
        refusals=MANAGERS_ONLY,
    ),
    Operation(
        method="GET",
        path=_MEMBER + "/spending",
        handler=get_spending,
        name="getSpending",
        tag="Guild pools",
        summary="What a member has spent and may still spend",
        description="For the member, owners and admins.",
        caller=Caller.USER,
        answers={200: Answer("Today, this week and this month.", [Spending])},
        refusals=MANAGERS_ONLY,
    ),
]
