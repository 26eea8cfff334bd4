"""The migrations in db/migrations: each applied once, in order, and noted in one transaction.

The SHA-256 of every applied file is kept. A file that was edited or removed since, or slipped in
before the newest applied one, stops the deployment.
"""

import hashlib
import re
from contextlib import nullcontext
from pathlib import Path

import psycopg
from psycopg import errors

from deploy.errors import DeploymentError
from deploy.progress import Progress
from deploy.sources import execute_file

SCHEMA = "deployment"
FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

# The first line of a file whose statements cannot be in a transaction; each has to be repeatable.
APART = "-- transactional: false\n"

CREATE = """
    create table deployment.migration_checksums (
        migration text primary key,
        sha256 text not null,
        recorded_at timestamptz not null default now(),
        recorded_by text not null default session_user
    )
"""
READ = "select migration, sha256 from deployment.migration_checksums order by migration"
NOTE = "insert into deployment.migration_checksums (migration, sha256) values (%s, %s)"
FIND = "select to_regnamespace('deployment'), to_regclass('deployment.migration_checksums')"


def apply(connection: psycopg.Connection, folder: Path, progress: Progress) -> None:
    """Apply every pending migration of the folder.

    Args:
        connection: In autocommit mode; it holds the deployment lock.
        folder: Holds NNNN_name.sql files.
        progress: Told what is done.

    Raises:
        DeploymentError: A file is misnamed, edited, missing or late, or its SQL fails.
    """
    files = _read(folder)
    applied = _applied(connection)
    _verify(folder, files, applied)
    # What a migration names without a schema is PostgreSQL's own.
    connection.execute("set search_path = ''")
    pending = [path for name, path in files.items() if name not in applied]
    for path in pending:
        with progress.step(f"migration {path.stem}"):
            _apply_one(connection, path)
    if not pending:
        progress.say(f"migrations: none pending, {len(applied)} applied before")


def _read(folder: Path) -> dict[str, Path]:
    """Return the folder's migrations by their names without .sql, in order."""
    if not folder.is_dir():
        raise DeploymentError(f"{folder} is not a folder: run from a whole checkout")
    numbers: dict[str, str] = {}
    files = sorted(path for path in folder.iterdir() if path.suffix in {".sql", ".py"})
    for path in files:
        match = FILE_NAME.fullmatch(path.name)
        if not match:
            raise DeploymentError(f"{path}: a migration is named NNNN_name.sql")
        if match[1] in numbers:
            raise DeploymentError(f"{path}: {numbers[match[1]]} has the same number")
        numbers[match[1]] = path.name
    return {path.stem: path for path in files}


def _applied(connection: psycopg.Connection) -> dict[str, str]:
    """Return the checksums of the applied migrations, in their order."""
    try:
        return dict(connection.execute(READ).fetchall())
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return {}


def _verify(folder: Path, files: dict[str, Path], applied: dict[str, str]) -> None:
    for name, checksum in applied.items():
        if name not in files:
            raise DeploymentError(
                f"{folder / name}.sql: applied to this database, but the file is gone: "
                "deploy a version that has it"
            )
        if checksum != _sha256(files[name]):
            raise DeploymentError(
                f"{files[name]}: edited after it was applied: restore it and put the change in a "
                "new one"
            )
    newest = max(applied, default="")
    for name, path in files.items():
        if name not in applied and name < newest:
            raise DeploymentError(
                f"{path}: sorts before {newest}, which is applied: give it a newer number"
            )


def _apply_one(connection: psycopg.Connection, path: Path) -> None:
    apart = path.read_text(encoding="utf-8").startswith(APART)
    with nullcontext() if apart else connection.transaction():
        execute_file(connection, path)
        connection.execute("reset role")
        _note(connection, path)


def _note(connection: psycopg.Connection, path: Path) -> None:
    """Note that a file is applied, in a table that is made with the first of them."""
    [(schema, table)] = connection.execute(FIND).fetchall()
    if schema is None:
        connection.execute("create schema deployment")
    if table is None:
        connection.execute(CREATE)
    connection.execute(NOTE, (path.stem, _sha256(path)))


def _sha256(path: Path) -> str:
    """Return the hash of a file's text, the same whatever line ends the checkout has."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
