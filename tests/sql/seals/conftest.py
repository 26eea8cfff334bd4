"""Two people and two pools with a history, and what the books say of them."""

from decimal import Decimal

import pytest

from tests.databases import Connection
from tests.sql.calls import fund, give, pool, use, use_guild
from tests.sql.lifecycle import grant, refund


@pytest.fixture
def history(db: Connection) -> None:
    """Ledgers of u1 (7 rows), u2 (3 rows), g1 (4 rows) and g2 (1 row), none of them sealed."""
    for user_id in ("u1", "u2"):
        grant(db, user_id, 100, f"welcome-{user_id}")
        use(db, user_id, 10)
        use(db, user_id, Decimal("20.5"))
    refund(db, "u1", use(db, "u1", 1)["id"], 1)
    give(db, "u1", 50)
    pool(db, "g1", 100)
    fund(db, "u1", "g1", 5)
    use_guild(db, "g1", "u1", 30)
    use_guild(db, "g1", "u2", 2)
    pool(db, "g2", 10)
