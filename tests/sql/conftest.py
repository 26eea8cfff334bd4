"""Connections for all tests that are rolled back, the HTTP layer's rights, and a package."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow

from tests.databases import (
    UNBALANCED,
    Connection,
    Database,
    Owner,
    Server,
    assert_books_balance,
    become_service,
    clone,
)
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


def _warm(database: Database) -> Connection:
    """Connect as a superuser, for many transactions that are rolled back.

    The caches of plans make a test three times as fast as a new connection would.
    """
    connection = database.connect(autocommit=False)
    # psycopg forgets at every rollback what it has prepared: this is prepared once.
    connection.prepare_threshold = None
    connection.execute(f"prepare unbalanced as {UNBALANCED}".encode())
    connection.commit()
    return connection


@pytest.fixture(scope="session")
def warm_connection(shared_database: Database) -> Connection:
    """A connection to the database that nobody commits to."""
    return _warm(shared_database)


@pytest.fixture(scope="session")
def clocked_connection(server: Server, migrated: str) -> Iterator[Connection]:
    """A connection to such a database whose clock can be moved.

    Its functions are replaced once: after that every plan has to be made anew.
    """
    with clone(server, migrated, f"{migrated}_clocked") as copy:
        Clock.install(copy.connect())
        yield _warm(copy)


@pytest.fixture
def db(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection as the trusted service test_service, in a transaction that is rolled back.

    `now()` stands still in it, as in every transaction. A statement that is meant to fail goes
    into `refused(db, …)`: otherwise nothing can follow it.
    """
    clocked = "clock" in request.fixturenames
    connection: Connection = request.getfixturevalue(
        "clocked_connection" if clocked else "warm_connection"
    )
    try:
        become_service(connection)
        yield connection
        aborted = connection.info.transaction_status == TransactionStatus.INERROR
        if "off_books" not in request.keywords and not aborted:
            # What is checked at a commit is checked here, where there is none.
            connection.execute("set constraints all immediate")
            with Owner(connection).rights():
                assert_books_balance(connection, "execute unbalanced")
    finally:
        connection.rollback()


@pytest.fixture
def owner(db: Connection) -> Owner:
    """A superuser's rights inside the transaction of `db`."""
    return Owner(db)


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
