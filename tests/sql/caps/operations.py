"""Every operation that can be capped, moving an amount of credits for the app `chat`."""

from collections.abc import Callable

from tests.sql.calls import Row, Session, fund, gift, give, limit, use, use_guild
from tests.sql.lifecycle import grant, reserve

Operation = Callable[[Session, object], Row]

OPERATIONS: dict[str, Operation] = {
    "use": lambda session, amount: use(session, "u1", amount),
    "use_guild": lambda session, amount: use_guild(session, "g1", "u1", amount),
    "refund": lambda session, amount: give(session, "u1", amount, app_id="chat"),
    "grant": lambda session, amount: grant(session, "u1", amount, f"for {amount}"),
    "reserve": lambda session, amount: reserve(session, "u1", amount, app_id="chat"),
    "fund_guild": lambda session, amount: fund(session, "u1", "g1", amount),
    "gift": lambda session, amount: gift(session, "u1", amount, source_app_id="chat"),
    "set_limits": lambda session, amount: limit(session, "g1", "u2", daily_limit=amount),
}
MOVING = {name: operation for name, operation in OPERATIONS.items() if name != "set_limits"}
FOR_AN_APP = {
    name: operation
    for name, operation in MOVING.items()
    if name in {"use", "use_guild", "refund", "reserve", "gift"}
}
