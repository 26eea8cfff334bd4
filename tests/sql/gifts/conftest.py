"""A person who can make gifts."""

import pytest

from tests.databases import Connection
from tests.sql.calls import give


@pytest.fixture(autouse=True)
def creator(db: Connection) -> str:
    """The user `creator`, who has 10000 credits."""
    give(db, "creator", 10000)
    return "creator"
