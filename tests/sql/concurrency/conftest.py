"""The clock of a database of one's own."""

import pytest

from tests.databases import Database
from tests.sql.moments import Clock


@pytest.fixture
def clock(database: Database) -> Clock:
    """The clock of `database`, for the test to move."""
    return Clock.install(database.connect())
