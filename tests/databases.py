"""Databases for tests: clones of the migrated template, and what can be done with them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, LiteralString
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from installation import IN_MEMORY, server_folder
from sandbox.cluster import Cluster, binaries

Role = Literal["owner", "api", "service", "auditor"]
Connection = psycopg.Connection[DictRow]

ROOT = Path(__file__).resolve().parents[1]
# A superuser's URL of a database whose accounts are spread: tests of functions that are rolled back
# run there if it is set. What they write is seen as the owner alone, as whom functions reach other
# nodes.
COORDINATOR = os.environ.get("CITUS_COORDINATOR")
LOGIN_PASSWORD = "test"


VERSION = os.environ.get("PG", "18")
# Nothing here outlives a crash, so nothing needs to reach the disk; and nobody guesses passwords.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    **({} if VERSION == "15" else {"scram_iterations": "1"}),
}
# In memory files are copied four times as fast as the log writes them; on a disk they are not.
COPY: LiteralString = "create database {} template {}" + (
    " strategy file_copy" if IN_MEMORY else ""
)


def programs() -> Path | None:
    """Return where the PostgreSQL that PG names is (PG=15); None for the embedded one, 18.

    It is Debian's, if that is installed, or the one that `make test` has fetched.
    """
    if VERSION == "18":
        return None
    installed = Path(f"/usr/lib/postgresql/{VERSION}/bin")
    return installed if installed.exists() else ROOT / ".postgresql" / VERSION / "bin"


def program(name: str) -> Path:
    """Return one of that PostgreSQL's programs; what is fetched has those of a server only."""
    found = (programs() or binaries()) / name
    if not found.exists():
        pytest.skip(f"no {name} comes with this PostgreSQL")
    return found


@contextmanager
def temporary_cluster() -> Iterator[Cluster]:
    """Start a server that is gone at the end."""
    with (
        server_folder("mana-test-") as folder,
        Cluster(folder / "data", settings=SETTINGS, bin_dir=programs()) as cluster,
    ):
        # Its password is kept as from now on: initdb hashed it as often as any.
        cluster.create_login("postgres", Server.of(cluster).password)
        yield cluster


@dataclass(frozen=True, slots=True)
class Server:
    """The session's server as a superuser sees it, in the form that pytest-postgresql asks for."""

    host: str
    port: int
    user: str
    password: str
    options: str = ""
    maintenance_dbname: str = "postgres"
    template_dbname: None = None

    @classmethod
    def of(cls, cluster: Cluster) -> "Server":
        """Read the parts of a running cluster's address."""
        return cls.at(cluster.dsn())

    @classmethod
    def at(cls, url: str) -> "Server":
        """Read the parts of a superuser's URL."""
        parts = psycopg.conninfo.conninfo_to_dict(url)
        return cls(
            host=str(parts["host"]),
            port=int(parts["port"] or 0),
            user=str(parts["user"]),
            password=str(parts.get("password", "")),
        )

    def dsn(self, dbname: str, user: str | None = None, password: str | None = None) -> str:
        """Return a URL, of the superuser unless another login is named."""
        login = quote(user or self.user, safe="")
        secret = quote(self.password if user is None else password or "", safe="")
        return f"postgresql://{login}:{secret}@{self.host}:{self.port}/{quote(dbname, safe='')}"


@dataclass(slots=True)
class Database:
    """One database, and logins to it.

    "owner" is a superuser; "api", "service" and "auditor" are logins in the group role of that
    name.
    """

    server: Server
    name: str
    _open: list[Connection] = field(default_factory=list)

    def dsn(self, role: Role = "owner") -> str:
        """Return the URL that a login connects to."""
        if role == "owner":
            return self.server.dsn(self.name)
        return self.server.dsn(self.name, f"test_{role}", LOGIN_PASSWORD)

    def connect(self, role: Role = "owner", *, autocommit: bool = True) -> Connection:
        """Open a connection whose rows are dicts; it is closed when the test ends."""
        connection = psycopg.connect(self.dsn(role), autocommit=autocommit, row_factory=dict_row)
        self._open.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection that was opened through here."""
        for connection in self._open:
            connection.close()


@contextmanager
def clone(server: Server, template_dbname: str, name: str) -> Iterator[Database]:
    """Copy the template, which nobody is connected to, to a database that is dropped at the end."""
    _as_superuser(server, COPY, name, template_dbname)
    database = Database(server, name)
    try:
        yield database
    finally:
        database.close()
        _as_superuser(server, "drop database {} with (force)", name)


def _as_superuser(server: Server, statement: LiteralString, *names: str) -> None:
    with psycopg.connect(server.dsn(server.maintenance_dbname), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


class Owner:
    """A superuser's rights inside the transaction of a connection that has a login's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def rights(self) -> Iterator[Connection]:
        """Run the block with the rights; an error in it undoes the block, not the transaction."""
        with self._connection.transaction():
            self._connection.execute("set session authorization default")
            if COORDINATOR:
                self._connection.execute("set role credits_owner")
            yield self._connection
            become_service(self._connection)

    def execute(self, query: str, parameters: Any = None) -> psycopg.Cursor[DictRow]:
        """Execute one statement with the rights."""
        with self.rights() as connection:
            return connection.execute(query, parameters)


def become_service(connection: Connection) -> None:
    """Make a superuser's connection look in every way like one of the login test_service."""
    connection.execute("set session authorization test_service")


# Findings of every check but that of the books' protection, which reads the whole catalog,
# which hardly any test changes.
UNBALANCED = " union all ".join(
    f"(select '{path.stem}' as check_name, account, what, expected::text, actual::text"
    f" from reconcile.{path.stem} limit 5)"
    for path in sorted((ROOT / "db" / "functions" / "reconcile").glob("*.sql"))
    if path.stem != "protection_off"
)


def assert_books_balance(connection: Connection, query: str = UNBALANCED) -> None:
    """Assert that every reconciliation view is empty. The connection has a superuser's rights."""
    if COORDINATOR:
        # They run on each node by itself, where nothing is seen before it is committed.
        return
    rows = connection.execute(query.encode()).fetchall()
    assert not rows, rows


class Refusal:
    """The error of a refused statement."""

    def __init__(self) -> None:
        self.error: psycopg.Error | None = None

    @property
    def sqlstate(self) -> str:
        """The code of the refusal."""
        assert self.error is not None
        return str(self.error.sqlstate)

    @property
    def details(self) -> dict[str, Any]:
        """The values in the DETAIL of the refusal."""
        assert self.error is not None
        return dict(json.loads(self.error.diag.message_detail or "{}"))


@contextmanager
def refused(connection: Connection, sqlstate: str) -> Iterator[Refusal]:
    """Assert that the block is refused with this code; the transaction goes on after it."""
    refusal = Refusal()
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        yield refusal
    refusal.error = caught.value
    assert caught.value.sqlstate == sqlstate, caught.value
