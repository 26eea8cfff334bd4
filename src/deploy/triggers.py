"""The triggers in db/triggers: one file a table, SCHEMA/TABLE.sql, which makes all of its triggers.

To make a trigger is to lock its table against a running service. So a table whose file and triggers
are as the last deployment left them is not touched. Of any other table all our triggers, those that
call a function of ours, are dropped and its file is run. Triggers of others are left alone.
"""

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.errors import DeploymentError
from deploy.progress import Progress, counted
from deploy.sources import execute_file

OURS = """
    select t.tgrelid::regclass::text, t.tgname::text,
           concat(pg_catalog.pg_get_triggerdef(t.oid, true), ' ', t.tgenabled)
    from pg_catalog.pg_trigger t
    -- Where tables are spread their parts are not among the relations that can be seen.
    join pg_catalog.pg_class c on c.oid = t.tgrelid
    join pg_catalog.pg_proc p on p.oid = t.tgfoid
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspowner = to_regrole('credits_owner') and not t.tgisinternal
    order by t.tgrelid::regclass::text, t.tgname
"""


def apply(
    connection: psycopg.Connection, folder: Path, left: dict[str, str], progress: Progress
) -> dict[str, str]:
    """Make the triggers of every table those of its file.

    Args:
        connection: In a transaction, as the role that owns everything.
        folder: Holds SCHEMA/TABLE.sql files; it may be absent.
        left: For each table what this function returned to the last deployment.
        progress: Told what is done.

    Returns:
        For each table of ours that has a trigger or a file, the hash of both.

    Raises:
        DeploymentError: A file fails, or makes a trigger of another table than its own.
    """
    files = _files(folder)
    found = _ours(connection)
    state = _state(files, found)
    changed = [table for table in state if table not in files or left.get(table) != state[table]]
    with progress.step(f"triggers: {counted(len(files), 'file')}, {len(changed)} of them to apply"):
        for table in changed:
            for trigger in found.get(table, {}):
                # The table comes from the catalog, already quoted.
                connection.execute(
                    sql.SQL("drop trigger {} on {}").format(sql.Identifier(trigger), sql.SQL(table))
                )
            found.pop(table, None)
            if table in files:
                execute_file(connection, files[table])
                after = _ours(connection)
                if {**after, table: {}} != {**found, table: {}}:
                    raise DeploymentError(f"{files[table]}: makes a trigger of another table, too")
                found = after
    return _state(files, found)


def _files(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.sql")):
        if path.parent.parent != folder:
            raise DeploymentError(f"{path}: a file is named {folder.name}/SCHEMA/TABLE.sql")
        files[f"{path.parent.name}.{path.stem}"] = path
    return files


def _ours(connection: psycopg.Connection) -> dict[str, dict[str, str]]:
    """Return our triggers by table and name, as the catalog has them."""
    found: dict[str, dict[str, str]] = {}
    for table, name, definition in connection.execute(OURS):
        found.setdefault(table, {})[name] = definition
    return found


def _state(files: dict[str, Path], found: dict[str, dict[str, str]]) -> dict[str, str]:
    return {
        table: hashlib.sha256(
            b"\0".join(
                [
                    files[table].read_bytes() if table in files else b"",
                    *(definition.encode() for definition in found.get(table, {}).values()),
                ]
            )
        ).hexdigest()
        for table in sorted(files.keys() | found.keys())
    }
