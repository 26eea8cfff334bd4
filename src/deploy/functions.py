"""The functions and views in db/functions: all of them re-applied by every deployment.

They are applied in one transaction, as the role that owns everything, so that callers see the old
version or the new one and nothing between. `create or replace` leaves privileges, dependents and
callers alone; an object is dropped only if it cannot be replaced, or if no file defines it any
more.
"""

from pathlib import Path

import psycopg
from psycopg import errors, sql

from deploy.catalog import Routine, drop, routines
from deploy.errors import DeploymentError, in_file, one_line
from deploy.migrations import SCHEMA
from deploy.progress import Progress
from deploy.sources import GRANTS, TRIGGERS, Source, read_sources

OWNER = "credits_owner"

# The object is there in a form that `create or replace` cannot turn into the file's: other result
# or parameter names, other columns, another kind, another owner, or an overload beside it.
IRREPLACEABLE = (
    errors.InvalidFunctionDefinition,
    errors.InvalidTableDefinition,
    errors.WrongObjectType,
    errors.InsufficientPrivilege,
    errors.AmbiguousFunction,
)
# The file uses an object whose own file comes later, or was dropped and is to be made again.
TOO_EARLY = (
    errors.UndefinedFunction,
    errors.UndefinedTable,
    errors.UndefinedObject,
    errors.UndefinedColumn,
)


class _Overloaded(Exception):  # noqa: N818  # a signal between two functions here
    """After the file had been applied, several functions bear its name."""


def apply(connection: psycopg.Connection, folder: Path, progress: Progress) -> None:
    """Make the database's functions, views, triggers and privileges those of the folder.

    Args:
        connection: In autocommit mode; it holds the deployment lock.
        folder: Holds SCHEMA/OBJECT.sql files, triggers.sql and grants.sql.
        progress: Told what is done.

    Raises:
        DeploymentError: A file fails or does not define what its name says; nothing is changed.
    """
    sources = read_sources(folder)
    with connection.transaction():
        _become_owner(connection)
        with progress.step(f"functions and views: {len(sources)} files"):
            dropped = _apply_sources(connection, sources)
        if (folder / TRIGGERS).is_file():
            with progress.step("triggers"):
                _run(connection, folder / TRIGGERS)
        with progress.step("privileges"):
            _run(connection, folder / GRANTS)
    for identity in dropped:
        progress.say(f"dropped: {identity}")


def _become_owner(connection: psycopg.Connection) -> None:
    """Act as the owning role until the transaction ends.

    Our own bookkeeping is handed to it as well, so that the next deployment may come from another
    login that is a member of it.
    """
    owner = sql.Identifier(OWNER)
    try:
        connection.execute(sql.SQL("set local role {}").format(owner))
        connection.execute("reset role")
        for kind, name in _bookkeeping(connection):
            connection.execute(
                sql.SQL("alter {} {} owner to {}").format(sql.SQL(kind), sql.SQL(name), owner)
            )
        connection.execute(sql.SQL("set local role {}").format(owner))
    except (errors.InsufficientPrivilege, errors.InvalidParameterValue) as error:
        raise DeploymentError(
            f"{connection.info.user} cannot act as {OWNER}, which owns everything: "
            f"a migration must create that role, and an administrator must grant it to "
            f"{connection.info.user}"
        ) from error
    connection.execute("set local search_path = ''")
    connection.execute("set local check_function_bodies = off")


def _bookkeeping(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Return what of the bookkeeping schema belongs to somebody else than the owning role."""
    rows = connection.execute(
        """
        select 'table', c.oid::regclass::text
        from pg_catalog.pg_class c
        where c.relnamespace = to_regnamespace(%(schema)s) and c.relkind = 'r'
          and c.relowner <> %(owner)s::regrole
        union all
        select 'schema', n.oid::regnamespace::text
        from pg_catalog.pg_namespace n
        where n.nspname = %(schema)s and n.nspowner <> %(owner)s::regrole
        """,
        {"schema": SCHEMA, "owner": OWNER},
    )
    return rows.fetchall()


def _apply_sources(connection: psycopg.Connection, sources: list[Source]) -> list[str]:
    """Apply every file, drop what has none; return what was dropped and is not there again."""
    schemas = sorted({source.schema for source in sources})
    dropped = _apply_in_any_order(connection, sources, schemas)
    dropped |= _drop_obsolete(connection, sources, schemas)
    present = {routine.identity for routine in routines(connection, schemas)}
    return sorted({routine.identity for routine in dropped} - present)


def _apply_in_any_order(
    connection: psycopg.Connection, sources: list[Source], schemas: list[str]
) -> set[Routine]:
    """Apply every file; one that comes too early waits until the others have been applied."""
    by_object = {source.object: source for source in sources}
    dropped: set[Routine] = set()
    pending = sources
    while pending:
        waiting: dict[Source, psycopg.Error] = {}
        again: set[Source] = set()
        for source in pending:
            try:
                for_it = _apply_one(connection, source, schemas)
            except TOO_EARLY as error:
                waiting[source] = error
                continue
            dropped |= for_it
            again |= {by_object[each.object] for each in for_it if each.object in by_object}
            again.discard(source)
        if len(waiting) == len(pending):
            stuck, reason = next(iter(waiting.items()))
            raise in_file(stuck.path, reason, stuck.text) from reason
        pending = [source for source in sources if source in waiting or source in again]
    return dropped


def _apply_one(connection: psycopg.Connection, source: Source, schemas: list[str]) -> set[Routine]:
    """Apply one file; return what had to be dropped for it."""
    before = routines(connection, schemas)
    old = [routine for routine in before if routine.object == source.object]
    try:
        with connection.transaction():
            _execute(connection, source, before, schemas)
    except (*IRREPLACEABLE, _Overloaded) as error:
        if not old:
            raise _failure(source, error) from error
    else:
        return set()
    managed = {routine.oid: routine for routine in before}
    dropped: set[Routine] = set()
    try:
        with connection.transaction():
            for routine in old:
                if routine not in dropped:
                    dropped |= drop(connection, routine, managed)
            left = [routine for routine in before if routine not in dropped]
            _execute(connection, source, left, schemas)
    except TOO_EARLY:
        raise
    except (psycopg.Error, _Overloaded) as error:
        raise _failure(source, error) from error
    return dropped


def _execute(
    connection: psycopg.Connection, source: Source, before: list[Routine], schemas: list[str]
) -> None:
    try:
        _send(connection, source.text)
    except (*IRREPLACEABLE, *TOO_EARLY):
        raise
    except psycopg.Error as error:
        raise in_file(source.path, error, source.text) from error
    known = {routine.oid for routine in before}
    after = routines(connection, schemas)
    own = [routine for routine in after if routine.object == source.object]
    strangers = [
        routine.identity
        for routine in after
        if routine.oid not in known and routine.object != source.object
    ]
    if not own:
        raise DeploymentError(
            f"{source.path}: does not define {source.schema}.{source.name}, which it is named after"
        )
    if strangers:
        raise DeploymentError(
            f"{source.path}: also defines {', '.join(strangers)}: give it a file of its own"
        )
    if len(own) > 1:
        raise _Overloaded


def _failure(source: Source, error: Exception) -> DeploymentError:
    if isinstance(error, psycopg.Error):
        return in_file(source.path, error, source.text)
    return DeploymentError(
        f"{source.path}: defines {source.schema}.{source.name} more than once: one object a file"
    )


def _drop_obsolete(
    connection: psycopg.Connection, sources: list[Source], schemas: list[str]
) -> set[Routine]:
    """Drop the functions and views that no file defines any more."""
    defined = {source.object for source in sources}
    present = routines(connection, schemas)
    obsolete = {each.oid: each for each in present if each.object not in defined}
    dropped: set[Routine] = set()
    for routine in obsolete.values():
        if routine in dropped:
            continue
        try:
            dropped |= drop(connection, routine, obsolete)
        except psycopg.Error as error:
            raise DeploymentError(
                f"{routine.identity} has no file any more, but cannot be dropped: {one_line(error)}"
            ) from error
    return dropped


def _run(connection: psycopg.Connection, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        _send(connection, text)
    except psycopg.Error as error:
        raise in_file(path, error, text) from error


def _send(connection: psycopg.Connection, text: str) -> None:
    """Send a file's text as it is: several statements, and nothing in them is a placeholder."""
    connection.execute(text.encode())
