"""Connections for all tests that are rolled back, the HTTP layer's rights, and a package."""

from collections.abc import Generator, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow

from tests.databases import (
    COORDINATOR,
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
    if COORDINATOR:
        return connection
    # psycopg forgets at every rollback what it has prepared: this is prepared once.
    connection.prepare_threshold = None
    connection.execute(f"prepare unbalanced as {UNBALANCED}".encode())
    connection.commit()
    return connection


# Fixtures that need more than one rolled-back transaction on the coordinator. Another clock is
# another function; databases of a test's own are copies of a plain one.
_NOT_SPREAD = {"clock", "database", "module_database", "server", "migrated"}
# Other nodes are reached as the owner, who is no superuser.
_BY_HAND = "rows are changed by hand, past triggers and writers, which takes a superuser"
_TABLES = "a table is altered in a transaction that has written to its parts"
_ALWAYS_FULL = "a reconciliation is always full, and sees what is committed"
# Tests, and modules and folders of tests, that make no sense on the coordinator.
_LEFT_OUT = {
    "invariants/test_entries_by_hand.py": _BY_HAND,
    "invariants/test_erasure_is_the_only_exception.py": _BY_HAND,
    "invariants/test_gifts_are_paid_for.py": _BY_HAND,
    "invariants/test_ledgers_are_append_only.py": _BY_HAND,
    "invariants/test_purchases_are_credited.py": _BY_HAND,
    "invariants/test_settings.py": _BY_HAND,
    "statements/test_list_usage.py": _BY_HAND,
    "test_debt.py::test_nothing_but_a_clawback_makes_a_debt_by_hand": "the owner may, too",
    "test_quotes.py::test_charge_that_follows_from_another_price_is_found": _TABLES,
    "test_prices.py::test_price_that_is_committed_late_is_refused": _TABLES,
    "seals/test_export.py::test_erased_ledger_that_was_forged_is_named": _TABLES,
    "seals/test_export.py::test_a_log_of_the_desk_that_was_rewritten_is_named": _TABLES,
    "seals/test_export.py::test_words_that_were_changed_alone_are_named": _TABLES,
    "seals/test_export.py::test_acts_on_a_person_erased_since_are_found": _TABLES,
    "reconcile/": _ALWAYS_FULL,
    "seals/test_reconciliation.py": _ALWAYS_FULL,
    "roles/": "logins have other rights: Citus keeps copies of them on each node",
    "cost/": "plans and what a statement touches are of one machine",
    "test_spending_order.py::test_debits_of_the_lot_in_front_touch_no_lots": "the same",
    "test_limit_windows.py::test_in_every_zone_a_window_begins": "several statements in one text",
    "test_rule_history.py::test_limits_of_a_member_keep_their_history": (
        "in a transaction the history of a limit names the owner (docs/scale.md)"
    ),
}

if COORDINATOR:

    @pytest.fixture(scope="session")
    def shared_database() -> Database:
        """The database whose accounts are spread; nobody commits to it."""
        assert COORDINATOR
        return Database(Server.at(COORDINATOR), str(conninfo_to_dict(COORDINATOR)["dbname"]))

    def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
        """Leave out what needs a plain server."""
        for item in items:
            reasons = [reason for part, reason in _LEFT_OUT.items() if part in item.nodeid]
            if needed := reasons or _NOT_SPREAD.intersection(item.fixturenames):
                item.add_marker(pytest.mark.skip(reason=f"not where accounts are spread: {needed}"))

    def _leave_out() -> Generator[None, object, object]:
        """Leave out what changes rows by hand in a way that Citus refuses."""
        try:
            return (yield)
        except psycopg.errors.FeatureNotSupported as error:
            if "PL/pgSQL function" in (error.diag.context or ""):
                raise
            return pytest.skip(f"not where accounts are spread: {error}")

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call() -> Generator[None, object, object]:
        """Call a test."""
        return (yield from _leave_out())

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup() -> Generator[None, object, object]:
        """Set a fixture up."""
        return (yield from _leave_out())


# Citus sends no function to another node in a session once the planning of a query failed there.
@pytest.fixture(scope="function" if COORDINATOR else "session")
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
            # Checks of a commit run here, where there is none.
            connection.execute("set constraints all immediate")
            with Owner(connection).rights():
                assert_books_balance(connection, "execute unbalanced")
    finally:
        connection.rollback()
        if COORDINATOR:
            connection.close()


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
