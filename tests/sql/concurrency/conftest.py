"""The clock of a database of one's own."""

import pytest

from databases import Database
from sql.moments import Clock


@pytest.fixture
def clock(database: Database) -> Clock:
    """The clock of `database`, for the test to move."""
    return Clock(database.connect())
