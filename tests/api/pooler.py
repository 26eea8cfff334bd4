"""PgBouncer in transaction mode: few connections to the server, lent to many clients."""

import os
import pwd
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from sandbox.processes import OURSELVES, Child, RunAs, clean_environment, log_tail
from sandbox.servers import free_port
from tests.api.live_api import wait_until
from tests.databases import LOGIN_PASSWORD, Database

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

needs_pgbouncer = pytest.mark.skipif(
    PGBOUNCER is None, reason="there is no pgbouncer here: apt-get install pgbouncer"
)

SERVER_CONNECTIONS = 2

_CONFIGURATION = """
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
"""


class Pooler:
    """A running PgBouncer, whose server connections a test can take out of use."""

    def __init__(self, database: Database, port: int) -> None:
        self._database = database
        self._port = port
        self._holders: dict[int, psycopg.Connection[tuple[Any, ...]]] = {}

    @property
    def dsn(self) -> str:
        """The URL by which the login test_api reaches the database."""
        parts = urlsplit(self._database.dsn("api"))
        login = f"{parts.username}:{parts.password}"
        return parts._replace(netloc=f"{login}@127.0.0.1:{self._port}").geturl()

    def hold_all(self) -> list[int]:
        """Take every server connection and return the ids of their backends."""
        for _ in range(SERVER_CONNECTIONS - len(self._holders)):
            holder = psycopg.connect(self.dsn, prepare_threshold=None)
            row = holder.execute("select pg_backend_pid()").fetchone()
            assert row is not None
            self._holders[row[0]] = holder
        return sorted(self._holders)

    def leave_only(self, backend: int) -> None:
        """Take every server connection but this one."""
        self.hold_all()
        self._let_go(backend)

    def prepared(self) -> set[str]:
        """Return the names of the statements that are prepared on any server connection."""
        self.hold_all()
        query = "select name from pg_prepared_statements"
        return {row[0] for held in self._holders.values() for row in held.execute(query)}

    def release(self) -> None:
        """Give every server connection back."""
        for backend in list(self._holders):
            self._let_go(backend)

    def _let_go(self, backend: int) -> None:
        holder = self._holders.pop(backend)
        # Whoever goes away inside a transaction takes the server connection along.
        holder.rollback()
        holder.close()


@contextmanager
def pooler(database: Database) -> Iterator[Pooler]:
    """Run a PgBouncer until the block ends."""
    assert PGBOUNCER is not None
    # Other users may read it: PgBouncer refuses to run as root.
    with TemporaryDirectory(prefix="mana-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        users = folder / "users.txt"
        users.write_text(f'"test_api" "{LOGIN_PASSWORD}"\n')
        port = free_port()
        server = database.server
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            _CONFIGURATION.format(
                host=server.host,
                port=server.port,
                own_port=port,
                users=users,
                size=SERVER_CONNECTIONS,
            )
        )
        log = folder / "pgbouncer.log"
        process = Child(
            [PGBOUNCER, str(configuration)], log=log, env=clean_environment(), run_as=_not_root()
        )
        running = Pooler(database, port)
        try:
            _await(running, process)
            yield running
        finally:
            running.release()
            process.stop((signal.SIGTERM, 5.0))


def _not_root() -> RunAs:
    if os.getuid() != 0:
        return OURSELVES
    nobody = pwd.getpwnam("nobody")
    return RunAs(nobody.pw_uid, nobody.pw_gid)


def _await(running: Pooler, process: Child) -> None:
    def answers() -> bool:
        assert process.returncode is None, log_tail(process.log)
        try:
            psycopg.connect(running.dsn).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_until(answers)
