"""The functions as a service calls them: by name, with named arguments."""

from decimal import Decimal
from typing import Any, Protocol

from psycopg import Cursor, sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

Row = dict[str, Any]


class Session(Protocol):
    """A connection, or somebody's rights inside the transaction of one."""

    def execute(self, query: Any, parameters: Any = None, /) -> Cursor[DictRow]:
        """Execute one statement."""
        ...


def rows(session: Session, function: str, **arguments: object) -> list[Row]:
    """Call `schema.function` with p_NAME => value for each argument; a dict is sent as jsonb."""
    named = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(f"p_{name}"), sql.Placeholder(name))
        for name in arguments
    )
    query = sql.SQL("select * from {}({})").format(sql.Identifier(*function.split(".")), named)
    values = {
        name: Jsonb(value) if isinstance(value, dict) else value
        for name, value in arguments.items()
    }
    return session.execute(query, values).fetchall()


def call(session: Session, function: str, **arguments: object) -> Row:
    """Call a function that answers one row."""
    (row,) = rows(session, function, **arguments)
    return row


def give(session: Session, user_id: str, amount: object, **more: object) -> Row:
    """Credit a user."""
    return call(
        session,
        "credits.refund_credits",
        **{"user_id": user_id, "amount": amount, "description": "Welcome", **more},
    )


def use(session: Session, user_id: str, amount: object, **more: object) -> Row:
    """Debit a user for an answer of the app `chat`."""
    return call(
        session,
        "credits.use_credits",
        **{
            "user_id": user_id,
            "amount": amount,
            "app_id": "chat",
            "description": "One answer",
            **more,
        },
    )


def use_guild(
    session: Session, organization_id: str, user_id: str, amount: object, **more: object
) -> Row:
    """Debit a pool for an answer that a member got from the app `chat`."""
    return call(
        session,
        "credits.use_guild_credits",
        **{
            "organization_id": organization_id,
            "user_id": user_id,
            "amount": amount,
            "app_id": "chat",
            "description": "One answer",
            **more,
        },
    )


def fund(
    session: Session, user_id: str, organization_id: str, amount: object, **more: object
) -> Row:
    """Move credits from a user's balance to a pool."""
    return call(
        session,
        "credits.fund_guild_pool",
        user_id=user_id,
        organization_id=organization_id,
        amount=amount,
        **more,
    )


def pool(session: Session, organization_id: str, amount: object) -> None:
    """Open a pool and have the user `treasurer` fund it."""
    call(session, "credits.init_guild_pool", organization_id=organization_id)
    give(session, "treasurer", amount)
    fund(session, "treasurer", organization_id, amount)


def limit(session: Session, organization_id: str, user_id: str, **limits: object) -> Row:
    """Set a member's daily_limit and monthly_limit; None removes one that is named."""
    named = {
        f"set_{window}": True for window in ("daily", "monthly") if f"{window}_limit" in limits
    }
    return call(
        session,
        "credits.set_spending_limits",
        organization_id=organization_id,
        user_id=user_id,
        **{**named, **limits},
    )


def gift(session: Session, creator_id: str, total_credits: object, **more: object) -> Row:
    """Make a gift code."""
    return call(
        session, "gifts.create_gift", creator_id=creator_id, total_credits=total_credits, **more
    )


def redeem(session: Session, code: str, user_id: str, **more: object) -> Row:
    """Try to take a portion of a gift."""
    return call(session, "gifts.redeem_gift", code=code, user_id=user_id, **more)


def balance(session: Session, user_id: str) -> Decimal:
    """The credits that a user can spend now."""
    return Decimal(call(session, "credits.get_balance", user_id=user_id)["balance"])


def use_batch(session: Session, *items: dict[str, Any]) -> list[Row]:
    """Use credits for each item: user_id, amount, key, app_id, description, metadata."""
    return rows(
        session,
        "credits.use_credits_batch",
        user_ids=[item.get("user_id", "u1") for item in items],
        amounts=[Decimal(item.get("amount", 1)) for item in items],
        app_ids=[item.get("app_id", "chat") for item in items],
        descriptions=[item.get("description", "One answer") for item in items],
        idempotency_keys=[item.get("key") for item in items],
        metadata=[Jsonb(item.get("metadata", {})) for item in items],
    )


def use_guild_batch(session: Session, *items: dict[str, Any]) -> list[Row]:
    """Use credits of a pool for each item."""
    return rows(
        session,
        "credits.use_guild_credits_batch",
        organization_ids=[item.get("organization_id", "g1") for item in items],
        user_ids=[item.get("user_id", "u1") for item in items],
        amounts=[Decimal(item.get("amount", 1)) for item in items],
        app_ids=[item.get("app_id", "chat") for item in items],
        descriptions=[item.get("description", "One answer") for item in items],
        idempotency_keys=[item.get("key") for item in items],
        metadata=[Jsonb(item.get("metadata", {})) for item in items],
    )
