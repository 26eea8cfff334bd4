"""Prices and what is charged by them, as a service calls for it."""

from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from tests.sql.calls import Row, Session, call


def items(*pairs: tuple[str, object]) -> Jsonb:
    """Items as the functions take them: operations and quantities."""
    return Jsonb([{"operation": name, "quantity": float(str(much))} for name, much in pairs])


def price(superuser: Session, operation: str, unit_price: object, **more: object) -> None:
    """Insert a price as a DBA would."""
    columns = {"operation": operation, "unit_price": unit_price, **more}
    superuser.execute(
        f"insert into credits.prices ({', '.join(columns)})"
        f" values ({', '.join(f'%({name})s' for name in columns)})",
        columns,
    )


def charge(session: Session, user_id: str, *pairs: tuple[str, object], **more: object) -> Row:
    """Debit a user by items."""
    return call(
        session,
        "credits.use_credits",
        **{
            "user_id": user_id,
            "items": items(*pairs),
            "app_id": "chat",
            "description": "One answer",
            **more,
        },
    )


def capture(session: Session, held: Row, amount: object = None, **more: object) -> Row:
    """Use a part of what is set aside."""
    return call(
        session,
        "credits.capture_reservation",
        **{
            "reservation_id": held["reservation_id"],
            "amount": amount,
            "idempotency_key": "c1",
            **more,
        },
    )


def amounts_of(charge: Any) -> list[Decimal]:
    """The sum of the lines of a charge."""
    return [Decimal(str(line["amount"])) for line in charge["lines"]]
