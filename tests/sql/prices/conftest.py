"""A user with credits, and prices."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import give
from tests.sql.prices.calls import price


@pytest.fixture(autouse=True)
def prices(db: Connection, owner: Owner) -> None:
    """u1 has 10 credits; a word costs 0.02, a picture 1.5, and a thousand tokens 3."""
    give(db, "u1", 10)
    price(owner, "word", "0.02")
    price(owner, "picture", "1.5", unit="picture")
    price(owner, "tokens", "3", per=1000, unit="token")
    price(owner, "nothing", "0")
    # Constraints are checked at the commit, so that a test may change the table.
    owner.execute("set constraints all immediate")
    owner.execute("set constraints all deferred")
