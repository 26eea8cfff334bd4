"""One connection for all tests that are rolled back, the HTTP layer's rights, and a package."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow

from tests.databases import Connection, Database, Owner, assert_books_balance, become_service
from tests.sql.books import add_package
from tests.sql.calls import Row
from tests.sql.moments import Clock


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


@pytest.fixture(scope="session")
def warm_connection(shared_database: Database) -> Connection:
    """A superuser's connection to the database that nobody commits to.

    Its caches of plans make a test three times as fast as a new connection would.
    """
    return shared_database.connect(autocommit=False)


@pytest.fixture
def db(request: pytest.FixtureRequest, warm_connection: Connection) -> Iterator[Connection]:
    """As the fixture `db` for all tests, on a connection that is opened once."""
    connection = warm_connection
    try:
        become_service(connection)
        yield connection
        aborted = connection.info.transaction_status == TransactionStatus.INERROR
        if "off_books" not in request.keywords and not aborted:
            # What is checked at a commit is checked here, where there is none.
            connection.execute("set constraints all immediate")
            with Owner(connection).rights():
                assert_books_balance(connection)
    finally:
        connection.rollback()


@pytest.fixture
def api(db: Connection) -> Api:
    """The login of the HTTP layer inside the transaction of `db`."""
    return Api(db)


@pytest.fixture
def clock(owner: Owner) -> Clock:
    """The clock of the transaction of `db`, for the test to move."""
    return Clock(owner)


@pytest.fixture
def package(owner: Owner) -> Row:
    """500 credits for 4.99 €."""
    return add_package(owner)
