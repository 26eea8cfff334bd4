"""Personal credits: balance and use; the body, the call and the answer that all uses have."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from api.call import Call
from api.database import rows
from api.http import fields
from api.http.answers import Debit
from api.http.bodies import Body, Given, require_small
from api.http.errors import invalid_request
from api.http.operations import Answer, own_credits
from api.http.parameters import AT
from api.identity.membership import require_member


class CreditSource(msgspec.Struct, rename="camel"):
    """The source of credits: one's own (`personal`) or those of a `guild`."""

    type: Annotated[fields.Text, fields.told(enum=["personal", "guild"])]
    guild_id: fields.Id | None = None


class Use(Given, kw_only=True):
    """A use: an amount, or items that have prices.

    With `expectedAmount` it is refused where that is not what it comes to.
    """

    amount: fields.Amount | None = None
    items: fields.Items | None = None
    expected_amount: fields.Limit | None = None
    description: fields.Description
    credit_source: CreditSource | None = None
    idempotency_key: fields.Key | None = None
    metadata: fields.Metadata = fields.NO_METADATA


class UserUse(Use, kw_only=True):
    """A use that a user asks for."""

    app_id: fields.Id

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function; a user's metadata must not be large."""
        require_small(self.metadata)
        return super().arguments()


class SpentBalance(msgspec.Struct, rename="camel"):
    """An account right after something was used."""

    balance: Decimal
    total_spent: Decimal


class AnyUse(Debit, kw_only=True):
    """The answer to a use, which says of what."""

    transaction: Any
    new_balance: Any
    charge: rows.Charge | UnsetType = UNSET

    def debited(self) -> tuple[str, Decimal] | None:
        """Return the kind of the debit and the credits that it took; None if it took none."""
        if self.transaction is None:
            return None
        kind = "personal" if isinstance(self.transaction, rows.Transaction) else "guild"
        return kind, self.transaction.amount


class PersonalUse(AnyUse, kw_only=True):
    """The answer to a use of one's own credits; what costs nothing has no transaction."""

    transaction: rows.Transaction | None
    new_balance: SpentBalance


class GuildUse(AnyUse, kw_only=True):
    """The answer to a use of a guild's credits; what costs nothing has no transaction."""

    transaction: rows.GuildTransaction | None
    new_balance: SpentBalance


async def use_credits(call: Call[Any]) -> PersonalUse | GuildUse:
    """Use a user's own credits, or those of a guild; a service answers for the membership."""
    guild_id = _guild_of(call.body)
    if call.service is not None:
        require_app(call)
    elif guild_id is not None:
        await require_member(call.services.memberships, guild_id, call.user.id)
    if guild_id is not None:
        call.arguments["p_organization_id"] = guild_id
        return await call.functions.one("credits.use_guild_credits", GuildUse, **call.arguments)
    return await call.functions.one("credits.use_credits", PersonalUse, **call.arguments)


def require_app(call: Call[Any]) -> None:
    """Refuse a service that names no app, neither in the body nor as its own."""
    if call.arguments["p_app_id"] is None:
        raise invalid_request({"appId": "is missing"})


def _guild_of(use: Use) -> str | None:
    """Return the guild whose credits are used, None for one's own; refuse any other source."""
    source = use.credit_source
    if source is None or source.type == "personal":
        return None
    if source.type != "guild":
        raise invalid_request({"creditSource": "must have the type personal or guild"})
    if source.guild_id is None:
        raise invalid_request({"creditSource": "must have a guildId"})
    return source.guild_id


OPERATIONS = [
    own_credits(
        "POST /credits/use",
        "Use one's own credits, or those of one's guild",
        description="Debits the caller's balance, or with `creditSource` the pool of a guild.",
        body=Body(UserUse),
        handler=use_credits,
        answers={200: Answer("The debit's ledger row.", [PersonalUse, GuildUse])},
        calls=("credits.use_credits", "credits.use_guild_credits"),
        refusals=("not_a_guild_member",),
    ),
    own_credits(
        "GET /credits/balance",
        "One's own balance",
        description="All zeros for a user never seen; nothing is written by asking.",
        query=[AT],
        function="credits.get_balance",
        answers={200: Answer("The balance, now or then.", [rows.Balance])},
    ),
]
