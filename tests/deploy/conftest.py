"""Small folders to deploy, and empty databases to deploy them to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database, Server, clone
from tests.deployments import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder that makes the schema `shop` and no function."""
    return Folder(tmp_path / "db")


@pytest.fixture
def empty_database(server: Server) -> Iterator[Database]:
    """A database with nothing in it."""
    with clone(server, "template1", "mana_credits_empty") as database:
        yield database
