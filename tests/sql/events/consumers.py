"""Consumers of events: registering them as a DBA does, and reading as they do."""

from decimal import Decimal

from psycopg.types.json import Jsonb

from tests.sql.calls import Row, Session, call, rows

ALL_TYPES = [
    "balance.changed",
    "balance.low",
    "gift.redeemed",
    "purchase.completed",
    "hold.expired",
]


def register(dba: Session, consumer: str, *types: str, login: str = "test_service") -> int:
    """Register a consumer of these types, or of all; return the position that it begins after."""
    row = call(
        dba,
        "credits.register_consumer",
        consumer=consumer,
        types=list(types) or ALL_TYPES,
        login=login,
    )
    return int(row["register_consumer"])


def order(session: Session) -> int:
    """Give all events that are committed, or of this transaction, their positions."""
    ordered = 0
    while moved := call(session, "credits.order_events")["order_events"]:
        ordered += moved
    return ordered


def read(session: Session, consumer: str, limit: int = 100) -> list[Row]:
    """The events that the consumer has not acknowledged, after everything has been ordered."""
    order(session)
    return rows(session, "credits.read_events", consumer=consumer, limit=limit)


def ack(session: Session, consumer: str, event: Row) -> None:
    """Say that the consumer is done up to this event."""
    call(session, "credits.ack_events", consumer=consumer, position=event["position"])


def read_all(session: Session, consumer: str) -> list[Row]:
    """Read and acknowledge until nothing is left."""
    found: list[Row] = []
    while events := read(session, consumer):
        found += events
        ack(session, consumer, events[-1])
    return found


def alert(session: Session, threshold: object, **account: str) -> Row:
    """Set the alert of user_id or organization_id."""
    return call(session, "credits.set_low_balance_alert", threshold=threshold, **account)


def written(superuser: Session) -> int:
    """The number of events, ordered or not."""
    row = superuser.execute(
        """
        select (select count(*) from credits.outbox) + (select count(*) from credits.events) as n
        """
    ).fetchone()
    assert row is not None
    return int(row["n"])


def use_together(
    session: Session, debits: list[tuple[str, int]], organization_id: str | None = None
) -> list[Row]:
    """Debit users, or a pool for them, in one batch."""
    given: dict[str, object] = {
        "user_ids": [user_id for user_id, _ in debits],
        "amounts": [Decimal(amount) for _, amount in debits],
        "app_ids": ["chat"] * len(debits),
        "descriptions": ["One answer"] * len(debits),
        "idempotency_keys": [None] * len(debits),
        "metadata": [Jsonb({})] * len(debits),
    }
    if organization_id is None:
        return rows(session, "credits.use_credits_batch", **given)
    given["organization_ids"] = [organization_id] * len(debits)
    return rows(session, "credits.use_guild_credits_batch", **given)
