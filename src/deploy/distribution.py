"""Spreads the accounts of a database over the workers of a Citus cluster."""

from pathlib import Path

import psycopg

from deploy.connection import connect
from deploy.deployment import DATABASE_FOLDER, deploy
from deploy.errors import DeploymentError, in_file, one_line
from deploy.functions import is_spread
from deploy.progress import Progress
from deploy.sources import LEDGER, OWNER

ROLES = (OWNER, LEDGER, "credits_api", "credits_service", "credits_auditor")
# Those as which functions run: Citus reaches the other nodes as them.
REACHING = (OWNER, LEDGER)
# Objects that a role makes on another node are not made by that role's own session.
PRIVILEGES = (
    *(
        f"alter default privileges for role {role} revoke execute on functions from public"
        for role in REACHING
    ),
    f"alter default privileges for role {LEDGER} grant execute on functions to {OWNER}",
)
# Triggers touch rows of their own account only, which Citus cannot know, and look those up.
SETTINGS = (
    ("citus.enable_unsafe_triggers", "on"),
    ("citus.allow_nested_distributed_execution", "on"),
)
# A session keeps the settings that it began with, and a service's may live for long.
SETTING = """
    if not exists (
        select
        from pg_catalog.pg_db_role_setting s
        join pg_catalog.pg_database d on d.oid = s.setdatabase and d.datname = current_database()
        where s.setrole = 0 and '{name}={value}' = any(s.setconfig)
    ) then
        execute format('alter database %I set {name} = {value}', current_database());
        perform pg_terminate_backend(a.pid)
        from pg_catalog.pg_stat_activity a
        join pg_catalog.pg_roles r on r.oid = a.usesysid
        where a.datname = current_database() and not r.rolsuper;
    end if
"""
CLOSED = "revoke execute on all functions in schema credits, gifts from public"
MISSING_LOGINS = """
    select distinct r.rolname
    from pg_catalog.pg_roles r
    join unnest(array['credits_api', 'credits_service', 'credits_auditor']) g (name)
        on pg_has_role(r.oid, g.name, 'member')
    where r.rolcanlogin
        and not r.rolsuper
        and exists (
            select
            from run_command_on_workers(format(
                'select count(*) from pg_catalog.pg_roles '
                'where rolcanlogin and rolname = %L and pg_has_role(oid, %L, ''member'')',
                r.rolname, g.name
            )) w
            where w.result is distinct from '1'
        )
    order by r.rolname
"""


def distribute(url: str, folder: Path = DATABASE_FOLDER, progress: Progress | None = None) -> None:
    """Deploy a folder to a cluster's coordinator, spread the accounts, and deploy again.

    Tables that are spread already stay as they are, so it may be called again: after a stop, an
    upgrade that brings tables, or a new node.

    Args:
        url: A superuser's, of the coordinator.
        folder: As for `deploy`; its `distribute/citus.sql` says what lies where.
        progress: Told each step; standard output by default.

    Raises:
        DeploymentError: It cannot be done; the message is one line that says what to do.
    """
    progress = progress or Progress()
    try:
        with connect(url) as connection:
            _require_cluster(connection)
            with progress.step("roles on every node"):
                _make_roles(connection)
        deploy(url, folder, progress)
        with connect(url) as connection:
            _require_logins(connection)
            with progress.step("accounts to the workers"):
                _spread(connection, folder / "distribute" / "citus.sql")
        deploy(url, folder, progress)
        with connect(url) as connection:
            _everywhere(connection, CLOSED)
    except psycopg.Error as error:
        raise DeploymentError(one_line(error)) from error
    progress.say("spread")


def _require_cluster(connection: psycopg.Connection) -> None:
    if not is_spread(connection):
        raise DeploymentError("there is no extension citus here: create it on every node")
    row = connection.execute(
        """
        select
            (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user),
            (select l.groupid from pg_dist_local_group l),
            (select count(*) from pg_dist_node n where n.isactive and n.groupid > 0)
        """
    ).fetchone()
    superuser, group, workers = row or (False, 0, 0)
    if not superuser:
        raise DeploymentError("it takes a superuser to spread accounts: name one in the URL")
    if group != 0:
        raise DeploymentError("this node is a worker: name the coordinator in the URL")
    if not workers:
        raise DeploymentError("the coordinator knows no worker: add them (citus_add_node)")
    # A part that moves leaves out what was acknowledged and is not on the disk yet.
    hasty = connection.execute(
        """
        select c.nodeid
        from run_command_on_all_nodes('show synchronous_commit') c
        where c.result = 'off'
        """
    ).fetchone()
    if hasty is not None:
        raise DeploymentError(
            f"node {hasty[0]} has synchronous_commit off, so debits are lost when a part moves:"
            " set it to on"
        )


def _make_roles(connection: psycopg.Connection) -> None:
    """Make our roles wherever they are missing, and have each node let functions reach it."""
    for role in ROLES:
        _everywhere(
            connection,
            f"begin create role {role} nologin; "
            "exception when duplicate_object or unique_violation then null; end",
        )
    for role in REACHING:
        _everywhere(connection, f"alter role {role} login")
    for privilege in PRIVILEGES:
        _everywhere(connection, privilege)
    for name, value in SETTINGS:
        _everywhere(connection, SETTING.format(name=name, value=value))


def _require_logins(connection: psycopg.Connection) -> None:
    missing = [name for (name,) in connection.execute(MISSING_LOGINS).fetchall()]
    if missing:
        raise DeploymentError(
            f"logins that are not on every node as they are here: {', '.join(missing)}"
        )


def _spread(connection: psycopg.Connection, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        with connection.transaction():
            connection.execute("set local client_min_messages = warning")
            connection.execute(text.encode())
    except psycopg.Error as error:
        raise in_file(path, error, text) from error


def _everywhere(connection: psycopg.Connection, command: str) -> None:
    """Execute a command on every node, by itself.

    Raises:
        DeploymentError: One refuses.
    """
    alone = f"do $$ begin set local citus.enable_ddl_propagation = off; {command}; end $$"
    rows = connection.execute(
        "select nodeid, result from run_command_on_all_nodes(%s) where not success", (alone,)
    ).fetchall()
    if rows:
        raise DeploymentError(f"node {rows[0][0]}: {rows[0][1]}")
