"""Somebody who can make gifts."""

import pytest

from databases import Connection
from sql.calls import give


@pytest.fixture(autouse=True)
def creator(db: Connection) -> str:
    """The user `creator`, who has 10000 credits."""
    give(db, "creator", 10000)
    return "creator"
