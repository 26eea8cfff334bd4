"""A move by logical replication, as the manual has it: the same books, and events in order."""

import io
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster
from tests.databases import (
    LOGIN_PASSWORD,
    SETTINGS,
    Connection,
    Database,
    Server,
    assert_books_balance,
    program,
    programs,
)
from tests.sql.calls import balance, call, give, use

pytestmark = pytest.mark.nightly

MANUAL = (Path(__file__).resolve().parents[2] / "docs/operations.md").read_text(encoding="utf-8")


def manual(beginning: str) -> str:
    """Return the one command of the manual that begins so."""
    (found,) = re.findall(rf"^ +({beginning}.*;)$", MANUAL, re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def logical() -> Iterator[Cluster]:
    """A server from which rows may be replicated."""
    with tempfile.TemporaryDirectory(prefix="mana-test-") as folder:
        Path(folder).chmod(0o755)
        # As in production: what is committed has been written when its position is asked for.
        settings = {**SETTINGS, "wal_level": "logical", "synchronous_commit": "on"}
        with Cluster(Path(folder) / "data", settings=settings, bin_dir=programs()) as cluster:
            yield cluster


@pytest.fixture
def old(logical: Cluster) -> Iterator[Database]:
    """The database that is left."""
    logical.create_database("old")
    database = Database(Server.of(logical), "old")
    deploy(database.dsn(), progress=Progress(io.StringIO()))
    for role in ("api", "service"):
        logical.create_login(f"test_{role}", LOGIN_PASSWORD, f"credits_{role}")
    yield database
    database.close()


@pytest.fixture
def new(logical: Cluster, old: Database) -> Iterator[Database]:
    """The database that is moved to: it has the tables, and nothing in them."""
    logical.create_database("new")
    database = Database(Server.of(logical), "new")
    schema = subprocess.run(
        [program("pg_dump"), "--schema-only", old.dsn()], capture_output=True, check=True
    ).stdout
    subprocess.run(
        [program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", database.dsn()],
        input=schema,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    yield database
    database.close()


def until(connection: Connection, condition: str) -> None:
    """Wait until a query's one answer is true."""
    deadline = time.monotonic() + 60
    while True:
        row = connection.execute(f"select ({condition}) as holds").fetchone()
        assert row is not None
        if row["holds"]:
            return
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)


def follow(old: Database, new: Database) -> None:
    """Let the new database follow the old one.

    Both are on one server here, where a subscription cannot make its own slot.
    """
    publisher, subscriber = old.connect(), new.connect()
    publisher.execute(manual("create publication").encode())
    publisher.execute("select pg_create_logical_replication_slot('mana_credits_move', 'pgoutput')")
    for beginning in ("alter table credits.erasures", "grant"):
        subscriber.execute(manual(beginning).encode())
    command = manual("create subscription").replace("'OLD'", sql.Literal(old.dsn()).as_string())
    command = command.replace(";", " with (create_slot = false)")
    subscriber.execute(command.encode())
    until(subscriber, "select bool_and(srsubstate = 'r') from pg_subscription_rel")


def leave(old: Database, new: Database) -> None:
    """End it when everything has arrived."""
    publisher = old.connect()
    row = publisher.execute("select pg_current_wal_lsn()::text as written").fetchone()
    assert row is not None
    until(
        publisher,
        f"select confirmed_flush_lsn >= '{row['written']}' from pg_replication_slots",
    )
    new.connect().execute(manual("drop subscription").encode())


def told(database: Database) -> list[float]:
    """The balances of u1 that the consumer has not acknowledged, in order."""
    owner = database.connect()
    owner.execute("select credits.order_events()")
    events = owner.execute("select data from credits.read_events('dashboard')").fetchall()
    return [event["data"]["balance"] for event in events if event["data"]["userId"] == "u1"]


def test_events_keep_their_order_and_the_books_close(old: Database, new: Database) -> None:
    follow(old, new)
    owner, service = old.connect(), old.connect("service")
    owner.execute("select credits.register_consumer('dashboard', '{balance.changed}', 'test_api')")
    give(service, "u1", 100)
    give(service, "u2", 5)
    call(owner, "credits.erase_user", user_id="u2")
    assert told(old) == [100]
    for _ in range(3):
        use(service, "u1", 1)  # these events wait in the outbox

    leave(old, new)
    deploy(new.dsn(), progress=Progress(io.StringIO()))

    moved = new.connect("service")
    for _ in range(5):
        use(moved, "u1", 1)
    assert told(new) == [100, 99, 98, 97, 96, 95, 94, 93, 92]
    assert balance(moved, "u1") == 92
    assert_books_balance(new.connect())
