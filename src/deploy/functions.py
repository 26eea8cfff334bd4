"""The functions and views in db/functions: all of them re-applied by every deployment.

Triggers and privileges are brought in line with them, and what is there in the end is recorded.

They are applied in one transaction, as the role that owns everything. Callers see the old version
or the new one and nothing between. `create or replace` leaves privileges, dependents and callers
alone; an object is dropped only if it cannot be replaced, or if no file defines it any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import errors, sql

from deploy import record, triggers
from deploy.errors import DeploymentError, one_line
from deploy.migrations import SCHEMA
from deploy.objects import apply_sources, drop_obsolete, drop_views, identities_gone
from deploy.progress import Progress, counted
from deploy.record import Record
from deploy.sources import GRANTS, LEDGER, OWNER, execute_file, fingerprint, read_sources


def apply(connection: psycopg.Connection, folder: Path, before: Record, progress: Progress) -> None:
    """Make the database's functions, views, triggers and privileges those of the folder.

    Args:
        connection: In autocommit mode; it holds the deployment lock.
        folder: Holds functions/SCHEMA/OBJECT.sql files, functions/grants.sql, and
            triggers/SCHEMA/TABLE.sql files.
        before: The objects that were there before the deployment.
        progress: Told what is done.

    Raises:
        DeploymentError: A file fails or does not define what its name says; nothing is changed.
    """
    functions = folder / "functions"
    spread = is_spread(connection)
    sources = read_sources(functions, writer=OWNER if spread else LEDGER)
    last = [source for source in sources if source.is_view] if spread else []
    with connection.transaction():
        become(connection, OWNER)
        # Only who has them may give them away, and only to a role that it can become.
        connection.execute("reset role")
        _hand_over_bookkeeping(connection)
        become(connection, OWNER)
        with progress.step(f"functions and views: {counted(len(sources), 'file')}"):
            writers = {source.schema for source in sources if source.owner == LEDGER}
            dropped = drop_views(connection, last)
            with _room_for_writers(connection, writers):
                dropped |= apply_sources(
                    connection, [source for source in sources if source not in last]
                )
        made = triggers.apply(connection, folder / "triggers", before.triggers, progress)
        dropped |= apply_sources(connection, last)
        # Now that no trigger calls what has no file any more.
        dropped |= drop_obsolete(connection, sources)
        gone = identities_gone(connection, sources, dropped)
        with progress.step("privileges"):
            execute_file(connection, functions / GRANTS)
            if spread:
                execute_file(connection, folder / "distribute" / GRANTS)
        record.write(connection, before, fingerprint(folder), made, progress)
    for identity in gone:
        progress.say(f"dropped: {identity}")


def is_spread(connection: psycopg.Connection) -> bool:
    """Return whether the database is a node of a Citus cluster.

    There one role does all. Each role reaches the other machines by a connection of its own, and
    sees only what others have committed there. And views over a table keep its triggers from being
    changed, so they come last.
    """
    found = connection.execute("select from pg_catalog.pg_extension where extname = 'citus'")
    return found.fetchone() is not None


@contextmanager
def _room_for_writers(connection: psycopg.Connection, schemas: set[str]) -> Iterator[None]:
    """Let the role that writes the ledger make its functions in the block, and nothing after it."""
    for schema in schemas:
        become(connection, LEDGER)
        become(connection, OWNER)
        names = sql.Identifier(schema), sql.Identifier(LEDGER)
        connection.execute(sql.SQL("grant usage, create on schema {} to {}").format(*names))
    yield
    for schema in schemas:
        names = sql.Identifier(schema), sql.Identifier(LEDGER)
        connection.execute(sql.SQL("revoke create on schema {} from {}").format(*names))


def become(connection: psycopg.Connection, role: str) -> None:
    """Act as one of our roles until the transaction ends."""
    try:
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
    except (errors.InsufficientPrivilege, errors.InvalidParameterValue) as error:
        user = connection.info.user
        raise DeploymentError(
            f"{user} cannot act as {role}, which owns what is deployed: have an administrator "
            f"grant {OWNER} and {LEDGER} to {user} ({one_line(error)})"
        ) from error
    connection.execute("set local search_path = ''")
    connection.execute("set local check_function_bodies = off")


def _hand_over_bookkeeping(connection: psycopg.Connection) -> None:
    """Give our own tables to the owning role.

    So the next deployment may come from another login that is a member of it.
    """
    rows = connection.execute(
        """
        select 'schema', n.oid::regnamespace::text
        from pg_catalog.pg_namespace n
        where n.nspname = %(schema)s and n.nspowner <> %(owner)s::regrole
        union all
        select 'table', c.oid::regclass::text
        from pg_catalog.pg_class c
        where c.relnamespace = to_regnamespace(%(schema)s) and c.relkind = 'r'
          and c.relowner <> %(owner)s::regrole
        """,
        {"schema": SCHEMA, "owner": OWNER},
    )
    for kind, name in rows.fetchall():
        connection.execute(
            sql.SQL("alter {} {} owner to {}").format(
                sql.SQL(kind), sql.SQL(name), sql.Identifier(OWNER)
            )
        )
