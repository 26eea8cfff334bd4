"""Connections that a deployment works on, and the lock that keeps deployments apart."""

import time
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.errors import DeploymentError, UnreachableError
from deploy.progress import Progress

OLDEST_SERVER = 15

# Limits of an application's short statements must not end a long migration. A migration that waits
# for a busy table must not make everyone else queue up behind it.
SESSION_SETTINGS = (
    "set statement_timeout = 0",
    "set idle_in_transaction_session_timeout = 0",
    "set idle_session_timeout = 0",
    "set lock_timeout = '15s'",
)

LOCK_KEY = 0x6D616E61
POLL_SECONDS = 0.2
REMINDER_SECONDS = 15.0


def parameters(url: str) -> dict[str, Any]:
    """Return the URL's libpq parameters, with a time limit for connecting."""
    return {"connect_timeout": 10, "keepalives_idle": 30, **conninfo_to_dict(url)}


def connect(url: str) -> psycopg.Connection:
    """Open a connection in autocommit mode.

    Raises:
        UnreachableError: The server cannot be reached, refuses the login, or has no such database.
        DeploymentError: It is too old, or the database has another encoding than UTF8.
    """
    target = parameters(url)
    try:
        # Nothing is prepared: a pooler might lend the server connection to others in between.
        connection = psycopg.connect(**target, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        raise _unreachable(target, error) from error
    version = connection.info.server_version // 10000
    if version < OLDEST_SERVER:
        connection.close()
        raise DeploymentError(
            f"the server is PostgreSQL {version}: {OLDEST_SERVER} or newer is needed"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise DeploymentError(
            f"the encoding of the database is {encoding}: UTF8 is needed "
            "(create database … encoding 'UTF8' template template0)"
        )
    for setting in SESSION_SETTINGS:
        connection.execute(setting)
    return connection


def _unreachable(target: dict[str, Any], error: psycopg.OperationalError) -> UnreachableError:
    database = target["dbname"]
    if _is_missing(target, database):
        return UnreachableError(
            f'there is no database "{database}": create it (createdb {database}), then run again'
        )
    reason = " ".join(str(error).splitlines()[0].split())
    return UnreachableError(
        f'cannot connect to the database "{database}": start the server or mend the URL ({reason})'
    )


def _is_missing(target: dict[str, Any], database: str) -> bool:
    """Ask the server's maintenance database, since a failed connection carries no SQLSTATE."""
    try:
        with psycopg.connect(**{**target, "dbname": "postgres"}) as connection:
            found = connection.execute(
                "select from pg_catalog.pg_database where datname = %s", (database,)
            )
            return found.fetchone() is None
    except psycopg.OperationalError:
        return False


def take_lock(connection: psycopg.Connection, progress: Progress) -> None:
    """Take the deployment lock of this database; wait for it if another deployment has it.

    The lock belongs to the session, so it is free again however this process ends. It is polled
    for. A session that waited inside one long statement would hold a snapshot, for which a
    `create index concurrently` of the deployment that has the lock would wait in turn, for ever.
    """
    started = time.monotonic()
    next_word = started
    while not _try_lock(connection):
        now = time.monotonic()
        if now >= next_word:
            progress.say(
                f"another deployment is at work on this database ({_holder(connection)}): "
                f"waiting ({now - started:.0f} s)"
            )
            next_word = now + REMINDER_SECONDS
        time.sleep(POLL_SECONDS)


def _try_lock(connection: psycopg.Connection) -> bool:
    row = connection.execute("select pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone()
    return bool(row and row[0])


def _holder(connection: psycopg.Connection) -> str:
    """Name who has the lock: any login may take it, so it need not be a deployment."""
    row = connection.execute(
        """
        select format('process %%s of %%s', l.pid, a.usename)
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory' and l.objid = %s and l.granted
            and l.database = (select d.oid from pg_database d where d.datname = current_database())
        """,
        (LOCK_KEY,),
    ).fetchone()
    return row[0] if row else "ending"
