"""A person whose credits can be set aside."""

import pytest

from tests.databases import Connection
from tests.sql.calls import give, pool


@pytest.fixture(autouse=True)
def accounts(db: Connection) -> None:
    """The user u1 has 10 credits, the pool g1 has 100."""
    give(db, "u1", 10)
    pool(db, "g1", 100)
