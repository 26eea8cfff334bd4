"""Every call that moves an amount, ready to be made with some arguments changed."""

from tests.sql.calls import Row, Session, call, give, pool

OPERATIONS = {
    "credits.use_credits": {
        "user_id": "u1",
        "amount": 1,
        "app_id": "chat",
        "description": "One answer",
    },
    "credits.refund_credits": {"user_id": "u1", "amount": 1, "description": "Sorry"},
    "credits.fund_guild_pool": {"user_id": "u1", "organization_id": "g1", "amount": 1},
    "credits.use_guild_credits": {
        "organization_id": "g1",
        "user_id": "u1",
        "amount": 1,
        "app_id": "chat",
        "description": "One answer",
    },
}


def make_rich(session: Session) -> None:
    """Give the user u1 and the pool g1 more than one call can move."""
    for _ in range(2):
        give(session, "u1", "999999999.999999")
        pool(session, "g1", "999999999.999999")


def move(session: Session, function: str, **changes: object) -> Row:
    """Make the call of OPERATIONS with these arguments changed or added."""
    return call(session, function, **{**OPERATIONS[function], **changes})
