"""The HTTP layer's rights, and what is in the shop."""

from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from databases import Connection, Owner, become_service
from sql.books import add_package
from sql.calls import Row


class Api:
    """The rights of the login test_api inside the transaction of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, query: Any, parameters: Any = None) -> psycopg.Cursor[DictRow]:
        """Execute one statement with the rights."""
        with self._connection.transaction():
            self._connection.execute("set session authorization test_api")
            cursor = self._connection.execute(query, parameters)
            become_service(self._connection)
            return cursor


@pytest.fixture
def api(db: Connection) -> Api:
    """The login of the HTTP layer inside the transaction of `db`."""
    return Api(db)


@pytest.fixture
def package(owner: Owner) -> Row:
    """500 credits for 4.99 €."""
    return add_package(owner)
