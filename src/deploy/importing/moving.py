"""One move from beginning to end, in one transaction."""

import sys

import psycopg

from deploy.connection import connect, take_lock
from deploy.errors import DeploymentError, one_line
from deploy.functions import become
from deploy.importing.bringing import Brought, bring
from deploy.importing.problems import MOST_TOLD, problems
from deploy.importing.source import Predecessor, open_predecessor
from deploy.importing.staging import period_of, stage
from deploy.importing.totals import rounding, table_of, totals
from deploy.progress import Progress, counted
from deploy.sources import OWNER


def move_in(
    source: str,
    url: str,
    *,
    dry_run: bool = False,
    out: Progress | None = None,
    progress: Progress | None = None,
) -> None:
    """Bring what the predecessor's database has into one that is deployed.

    Args:
        source: Names the predecessor's database, which is only read.
        url: Names the new database and a login that deploys.
        dry_run: Do it all, show the totals, and undo it.
        out: Told the totals; standard output by default.
        progress: Told each step; standard error by default.

    Raises:
        DeploymentError: It cannot be done; nothing was brought. Of rows that cannot be brought
            there is a line each before.
    """
    out, progress = out or Progress(), progress or Progress(sys.stderr)
    try:
        with open_predecessor(source) as predecessor, connect(url) as connection:
            take_lock(connection, progress)
            with connection.transaction() as transaction:
                brought = _bring_all(predecessor, connection, out, progress)
                if dry_run:
                    raise psycopg.Rollback(transaction)
    except psycopg.Error as error:
        raise DeploymentError(f"nothing was brought: {one_line(error)}") from error
    people = counted(brought.people, "person", "people")
    told = f"{people} and {counted(brought.pools, 'guild pool')}"
    out.say(f"dry run: it would bring {told}" if dry_run else f"brought {told}")


def _require_deployed(connection: psycopg.Connection) -> None:
    found = connection.execute(
        "select from pg_catalog.pg_proc where proname = 'import_account' "
        "and pronamespace = to_regnamespace('credits')"
    )
    if found.fetchone() is None:
        raise DeploymentError("this version is not deployed: run make migrate first")


def _bring_all(
    predecessor: Predecessor, connection: psycopg.Connection, out: Progress, progress: Progress
) -> Brought:
    """Bring it all, or raise and leave the transaction to be undone."""
    _require_deployed(connection)
    become(connection, OWNER)
    period = period_of(connection)
    # The login's own right makes temporary tables: the owner may have none.
    connection.execute("reset role")
    stage(predecessor, connection, period, progress)
    become(connection, OWNER)
    _refuse(problems(connection), progress)
    brought = bring(connection, progress)
    lines = totals(predecessor, connection, period)
    for line in table_of(lines):
        out.say(line)
    lost = rounding(predecessor)
    if lost:
        out.say(f"rounded to six digits after the point: balances are {lost.normalize():f} less")
    if not all(line.agrees for line in lines):
        raise DeploymentError(
            "the totals differ, so nothing was brought: end what still writes to the "
            "predecessor's database, then run again"
        )
    return brought


def _refuse(found: list[str], progress: Progress) -> None:
    for line in found[:MOST_TOLD]:
        progress.say(line)
    if found:
        they, them = ("it is", "it") if len(found) == 1 else ("they are", "them")
        above = f", the first {MOST_TOLD} of them above" if len(found) > MOST_TOLD else ""
        raise DeploymentError(
            f"{counted(len(found), 'row')} cannot be brought as {they}{above}; nothing was "
            f"brought: mend {them} in the predecessor's database, then run again"
        )
