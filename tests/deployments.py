"""Running the deployer as a command, on the real folder or on small ones."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from deploy.__main__ import main
from tests.databases import Database
from tests.predecessor import Predecessor

ROLES = """
do $$
declare
    v_role text;
begin
    foreach v_role in array array['credits_owner', 'credits_service'] loop
        begin
            execute format('create role %I nologin', v_role);
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
end
$$;
create schema if not exists shop authorization credits_owner;
"""
GRANTS = """
revoke all on all functions in schema shop from public;
grant usage on schema shop to credits_service;
grant execute on all functions in schema shop to credits_service;
"""


class Folder:
    """A folder like db: one migration that makes a schema `shop`, and whatever a test adds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "functions" / "shop").mkdir(parents=True)
        (path / "migrations").mkdir()
        (path / "functions" / "grants.sql").write_text(GRANTS)
        self.migration("0001_roles", ROLES)

    def migration(self, name: str, text: str) -> Path:
        """Write migrations/NAME.sql."""
        path = self.path / "migrations" / f"{name}.sql"
        path.write_text(text)
        return path

    def function(self, name: str, text: str) -> Path:
        """Write functions/shop/NAME.sql; the name may begin with rooms, which are folders."""
        path = self.path / "functions" / "shop" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def triggers(self, table: str, text: str) -> Path:
        """Write triggers/shop/TABLE.sql."""
        path = self.path / "triggers" / "shop" / f"{table}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a deployment."""

    status: int
    output: str
    complaint: str


def deploy(database: Database, folder: Folder | None = None) -> Outcome:
    """Deploy a folder, by default the real one."""
    return run({"MIGRATION_DATABASE_URL": database.dsn()}, folder)


def run(environ: Mapping[str, str], folder: Folder | None = None) -> Outcome:
    """Run the deployment in this process."""
    return _run(_arguments(folder), environ)


def reconcile(environ: Mapping[str, str], *options: str) -> Outcome:
    """Run the reconciliation in this process."""
    return _run(["reconcile", *options], environ)


def export_seals(environ: Mapping[str, str], file: Path) -> Outcome:
    """Export the seals in this process."""
    return _run(["export-seals", str(file)], environ)


def compare_seals(environ: Mapping[str, str], file: Path) -> Outcome:
    """Compare the ledgers with an export in this process."""
    return _run(["compare-seals", str(file)], environ)


def month_end(environ: Mapping[str, str], month: str) -> Outcome:
    """Print a month's books, in this process."""
    return _run(["month-end", month], environ)


def move_in(source: str, database: Database, **environ: str) -> Outcome:
    """Run the import from a predecessor's database in this process."""
    named = {"FROM": source, "MIGRATION_DATABASE_URL": database.dsn(), **environ}
    return _run(["import"], named)


def moved(before: Predecessor, database: Database) -> Outcome:
    """Move in, and expect that it goes well."""
    outcome = move_in(before.url, database)
    assert outcome.status == 0, outcome
    return outcome


def start(database: Database, folder: Folder | None = None) -> subprocess.Popen[str]:
    """Start the command as a process of its own."""
    return _start(_arguments(folder), {"MIGRATION_DATABASE_URL": database.dsn()})


def start_to_move_in(source: str, database: Database) -> subprocess.Popen[str]:
    """Start the import as a process of its own."""
    return _start(["import"], {"FROM": source, "MIGRATION_DATABASE_URL": database.dsn()})


def finish(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a process to end."""
    output, complaint = process.communicate(timeout=120)
    return Outcome(process.returncode, output, complaint)


def assert_stopped(outcome: Outcome, *words: str) -> None:
    """Assert that the deployment was refused, in one line that contains the words."""
    assert outcome.status == 1, outcome
    assert len(outcome.complaint.splitlines()) == 1, outcome.complaint
    for word in words:
        assert word in outcome.complaint


def _run(arguments: list[str], environ: Mapping[str, str]) -> Outcome:
    output, complaint = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(complaint):
        status = main(arguments, environ)
    return Outcome(status, output.getvalue(), complaint.getvalue())


def _start(arguments: list[str], environ: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "deploy", *arguments],
        env={**os.environ, **environ},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _arguments(folder: Folder | None) -> list[str]:
    return ["migrate", "--folder", str(folder.path)] if folder else ["migrate"]
