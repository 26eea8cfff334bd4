"""The migrations in db/migrations: each applied once, in order, by yoyo.

yoyo knows an applied migration by its file name alone. So the SHA-256 of every applied file is kept
beside its mark. A file that was edited or removed since, or slipped in before the newest applied
one, stops the deployment.
"""

import glob
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import psycopg
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.migrations import Migration

from deploy.connection import SESSION_SETTINGS, parameters
from deploy.errors import DeploymentError, in_file
from deploy.progress import Progress

SCHEMA = "deployment"
FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

CREATE_CHECKSUMS = """
    create table if not exists deployment.migration_checksums (
        migration text primary key,
        sha256 text not null,
        recorded_at timestamptz not null default now(),
        recorded_by text not null default session_user
    )
"""
RECORD_CHECKSUM = """
    insert into deployment.migration_checksums (migration, sha256) values (:migration, :sha256)
    on conflict (migration) do update
    set sha256 = excluded.sha256, recorded_at = now(), recorded_by = session_user
"""


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo has no types
    """yoyo's backend, under our own lock and with a checksum beside each mark."""

    def init_connection(self, connection: psycopg.Connection) -> None:
        """Prepare a connection, or one whose transaction was rolled back."""
        super().init_connection(connection)
        for setting in SESSION_SETTINGS:
            connection.execute(setting)

    @contextmanager
    def lock(self, timeout: int = 10) -> Iterator[None]:
        """Do nothing: the deployment lock is held, and yoyo's own outlives a killed process."""
        yield

    def mark_one(self, migration: Migration, log: bool = True) -> None:
        """Mark a migration applied and keep its checksum, in the transaction of the caller."""
        super().mark_one(migration, log=log)
        checksum = _sha256(Path(migration.path))
        self.execute(RECORD_CHECKSUM, {"migration": migration.id, "sha256": checksum})

    def get_log_data(
        self, migration: Migration | None = None, operation: str = "apply"
    ) -> dict[str, Any]:
        """Fill a row of yoyo's log without asking DNS or the user database, which may be absent."""
        return {
            "id": str(uuid4()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": self.connection.info.user,
            "hostname": "",
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }


def apply(url: str, folder: Path, progress: Progress) -> None:
    """Apply every pending migration of the folder. The caller holds the deployment lock.

    Raises:
        DeploymentError: A file is misnamed, edited, missing or late, or its SQL fails.
    """
    migrations = _read(folder)
    with _open(url) as backend:
        applied = _applied(backend)
        _verify(folder, migrations, applied)
        pending = [migration for name, migration in migrations.items() if name not in applied]
        for migration in pending:
            with progress.step(f"migration {migration.id}"):
                _apply_one(backend, migration)
    if not pending:
        progress.say(f"migrations: none pending, {len(applied)} applied before")


def _read(folder: Path) -> dict[str, Migration]:
    """Return the folder's migrations by id (the file name without .sql), in order."""
    if not folder.is_dir():
        raise DeploymentError(f"{folder} is not a folder: run from a whole checkout")
    numbers: dict[str, str] = {}
    for name in sorted(path.name for path in folder.iterdir() if path.suffix in {".sql", ".py"}):
        match = FILE_NAME.fullmatch(name)
        if not match:
            raise DeploymentError(f"{folder / name}: a migration is named NNNN_name.sql")
        if match[1] in numbers:
            raise DeploymentError(f"{folder / name}: {numbers[match[1]]} has the same number")
        numbers[match[1]] = name
    found = read_migrations(glob.escape(str(folder)))
    return {migration.id: migration for migration in sorted(found, key=lambda each: str(each.id))}


@contextmanager
def _open(url: str) -> Iterator[_Backend]:
    """Connect yoyo, with its tables and ours in a schema of their own."""
    arguments = {**parameters(url), "schema": SCHEMA}
    database = arguments.pop("dbname")
    backend = _Backend(
        DatabaseURI("postgresql+psycopg", None, None, None, None, database, arguments),
        "_yoyo_migration",
    )
    with backend:
        connection = backend.connection
        known = connection.execute("select to_regnamespace(%s)", (SCHEMA,)).fetchone()
        if known[0] is None:
            connection.execute("create schema deployment")
        try:
            backend.ensure_internal_schema_updated()
            connection.execute(CREATE_CHECKSUMS)
            yield backend
        except BaseException:
            if known[0] is None:
                _leave_nothing(backend)
            raise


def _leave_nothing(backend: _Backend) -> None:
    """Remove the bookkeeping that a first deployment made, if it stopped before it did more."""
    with suppress(psycopg.Error):
        backend.rollback()
        if not _applied(backend):
            backend.connection.execute("drop schema deployment cascade")


def _applied(backend: _Backend) -> dict[str, str | None]:
    """Return the applied migrations with their checksums, None for one marked by hand."""
    rows = backend.connection.execute(
        """
        select m.migration_id, c.sha256
        from deployment._yoyo_migration m
        left join deployment.migration_checksums c on c.migration = m.migration_id
        order by m.migration_id
        """
    )
    return dict(cast("list[tuple[str, str | None]]", rows.fetchall()))


def _verify(folder: Path, migrations: dict[str, Migration], applied: dict[str, str | None]) -> None:
    for name, checksum in applied.items():
        path = folder / f"{name}.sql"
        if name not in migrations:
            raise DeploymentError(
                f"{path}: applied to this database, but the file is gone: "
                "deploy a version that has it"
            )
        if checksum and checksum != _sha256(path):
            raise DeploymentError(
                f"{path}: edited after it was applied: restore it and put the change in a new one"
            )
    newest = max(applied, default="")
    for name in migrations:
        if name not in applied and name < newest:
            raise DeploymentError(
                f"{folder / name}.sql: sorts before {newest}, which is applied: "
                "give it a newer number"
            )


def _apply_one(backend: _Backend, migration: Migration) -> None:
    try:
        backend.apply_one(migration)
    except psycopg.Error as error:
        raise in_file(Path(migration.path), error) from error


def _sha256(path: Path) -> str:
    """Return the hash of a file's text, the same whatever line ends the checkout has."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
