"""One database with a clock that tests can move, emptied before each example."""

from collections.abc import Iterator

import pytest

from tests.databases import Database, Server, clone
from tests.model.sql import EMPTIABLE
from tests.model.world import World
from tests.sql.moments import CLOCK, IDS


@pytest.fixture(scope="session")
def clocked(server: Server, migrated: str) -> Iterator[Database]:
    """A database whose present moment stands still unless a test moves it; ids are of it."""
    with clone(server, migrated, "mana_credits_model") as database:
        with database.connect() as superuser:
            superuser.execute(CLOCK + IDS)
            superuser.execute(EMPTIABLE)
        yield database


@pytest.fixture(scope="session")
def world(clocked: Database) -> World:
    """The database and the model of it."""
    return World(clocked)
