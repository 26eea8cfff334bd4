"""A person who asks, and a way to ask."""

from collections.abc import Callable

import pytest

from tests.databases import Connection
from tests.sql.calls import Row, call, give, pool

Ask = Callable[..., Row]


@pytest.fixture(autouse=True)
def accounts(db: Connection) -> None:
    """The user u1 has 10 credits, the pool g1 has 100."""
    give(db, "u1", 10)
    pool(db, "g1", 100)


@pytest.fixture
def ask(db: Connection) -> Ask:
    """The verdict on u1 using an amount for the app `chat` now."""

    def explain(amount: object, **more: object) -> Row:
        arguments = {"user_id": "u1", "amount": amount, "app_id": "chat", **more}
        return call(db, "credits.explain_use", **arguments)

    return explain
