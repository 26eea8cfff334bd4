"""Using credits: the body, the call and the answer that three routes have in common."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request

from api.database.client import Functions
from api.database.rows import Charge, GuildMovement, GuildTransaction, Movement, Transaction
from api.http.answers import Repeatable, repeated
from api.http.errors import invalid_request
from api.http.fields import (
    MOST_BYTES_OF_USERS_METADATA,
    NO_METADATA,
    Amount,
    Description,
    Id,
    Items,
    Key,
    Limit,
    Metadata,
    Text,
    given,
    text_of,
    told,
)
from api.http.idempotency import idempotency_key
from api.identity.service_keys import Service
from api.observability.metrics import count_debit


class CreditSource(msgspec.Struct, rename="camel"):
    """The source of credits: one's own (`personal`) or those of a `guild`."""

    type: Annotated[Text, told(enum=["personal", "guild"])]
    guild_id: Id | None = None


class Use(msgspec.Struct, rename="camel", kw_only=True):
    """A use: an amount, or items that have prices.

    With `expectedAmount` it is refused where that is not what it comes to.
    """

    most_bytes_of_metadata: ClassVar[int | None] = None

    amount: Amount | None = None
    items: Items | None = None
    expected_amount: Limit | None = None
    description: Description
    credit_source: CreditSource | None = None
    idempotency_key: Key | None = None
    metadata: Metadata = NO_METADATA


class UserUse(Use, kw_only=True):
    """A use that a user asks for."""

    most_bytes_of_metadata: ClassVar[int | None] = MOST_BYTES_OF_USERS_METADATA

    app_id: Id


class SpentBalance(msgspec.Struct, rename="camel"):
    """An account right after something was used."""

    balance: Decimal
    total_spent: Decimal


class PersonalUse(Repeatable, kw_only=True):
    """The answer to a use of one's own credits; what costs nothing has no transaction."""

    success: bool = True
    transaction: Transaction | None
    new_balance: SpentBalance
    charge: Charge | UnsetType = UNSET


class GuildUse(Repeatable, kw_only=True):
    """The answer to a use of a guild's credits; what costs nothing has no transaction."""

    success: bool = True
    transaction: GuildTransaction | None
    new_balance: SpentBalance
    charge: Charge | UnsetType = UNSET


def guild_of(use: Use) -> str | None:
    """Return the guild whose credits are used; None for one's own.

    Raises:
        ApiError: 400 invalid_request.
    """
    source = use.credit_source
    if source is None or source.type == "personal":
        return None
    if source.type != "guild":
        raise invalid_request({"creditSource": "must have the type personal or guild"})
    if source.guild_id is None:
        raise invalid_request({"creditSource": "must have a guildId"})
    return source.guild_id


def app_of(named: str | None, service: Service) -> str:
    """Return the app that a service calls for: the one that the body names, else its own.

    Raises:
        ApiError: 400 invalid_request: neither is given.
    """
    app_id = named or service.app_id
    if app_id is None:
        raise invalid_request({"appId": "is missing"})
    return app_id


def arguments_of(request: Request, use: Use, app_id: str) -> dict[str, Any]:
    """Return what both functions are called with.

    Raises:
        ApiError: 400 invalid_request: the idempotency key is malformed or ambiguous, or a user's
            metadata too large.
    """
    return {
        "p_amount": use.amount,
        "p_items": text_of(use.items),
        "p_expected_amount": use.expected_amount,
        "p_app_id": app_id,
        "p_description": use.description,
        "p_idempotency_key": idempotency_key(request, use.idempotency_key),
        "p_metadata": given(use.metadata, use.most_bytes_of_metadata),
    }


async def use_personal(
    functions: Functions, user_id: str, arguments: dict[str, Any]
) -> PersonalUse:
    """Use a user's own credits."""
    movement = await functions.one("credits.use_credits", Movement, p_user_id=user_id, **arguments)
    count_debit("personal", movement.amount, replayed=movement.replayed)
    return PersonalUse(
        transaction=movement.transaction() if movement.amount else None,
        new_balance=SpentBalance(movement.balance, movement.total_spent),
        charge=movement.charge or UNSET,
        **repeated(movement.replayed),
    )


async def use_guild(
    functions: Functions, guild_id: str, user_id: str, arguments: dict[str, Any]
) -> GuildUse:
    """Use a guild's credits on behalf of a member."""
    movement = await functions.one(
        "credits.use_guild_credits",
        GuildMovement,
        p_organization_id=guild_id,
        p_user_id=user_id,
        **arguments,
    )
    count_debit("guild", movement.amount, replayed=movement.replayed)
    return GuildUse(
        transaction=movement.transaction() if movement.amount else None,
        new_balance=SpentBalance(movement.balance, movement.total_spent),
        charge=movement.charge or UNSET,
        **repeated(movement.replayed),
    )
