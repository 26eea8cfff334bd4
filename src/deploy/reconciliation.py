"""The reconciliation report: the checks of the schema reconcile, empty when all is well."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import psycopg
from psycopg import errors
from psycopg.rows import class_row

from deploy.connection import connect
from deploy.errors import DeploymentError, one_line
from deploy.progress import Progress

Scope = Literal["new", "full"]

RUN = """
    select check_name as name, description, discrepancies, scope,
           array(select jsonb_array_elements(sample) #>> '{}') as sample
    from credits.reconcile(p_scope => %s)
"""
AGE_OF_LAST_FULL_RUN = """
    select now() - finished_at from credits.reconciliations
    where scope = 'full' and clean
    order by id desc limit 1
"""

WHAT_TO_DO = 'what to do about each check: docs/handbook.md, "Reading the reconciliation"'


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found, with up to five of its discrepancies as JSON."""

    name: str
    description: str
    discrepancies: int
    scope: str
    sample: list[str]


def reconcile(url: str, progress: Progress | None = None, *, scope: Scope = "new") -> bool:
    """Check the books of a database and report each check as soon as it has run.

    Args:
        url: Names the database and a role that may run the reconciliation (`credits_auditor`).
        progress: Told each check: its name, result and time; then a sample of what is off.
        scope: "full" checks all there is, "new" what is newer than the last clean run; where no
            full run is known to be clean, "new" becomes "full".

    Returns:
        Whether everything agrees.

    Raises:
        DeploymentError: The checks cannot be run.
    """
    progress = progress or Progress()
    try:
        with connect(url) as connection:
            return _report(connection, scope, progress)
    except (errors.UndefinedFunction, errors.InvalidSchemaName) as error:
        raise DeploymentError("there is nothing to check: run the deployment first") from error
    except errors.LockNotAvailable as error:
        raise DeploymentError("another reconciliation is running: let it finish") from error
    except psycopg.Error as error:
        raise DeploymentError(one_line(error)) from error


def _report(connection: psycopg.Connection, scope: Scope, progress: Progress) -> bool:
    # The function tells each result as a notice, long before it returns.
    connection.execute("set client_min_messages = notice")
    connection.add_notice_handler(lambda notice: progress.say(notice.message_primary or ""))
    started = time.monotonic()
    with connection.cursor(row_factory=class_row(Check)) as cursor:
        checks = cursor.execute(RUN, (scope,)).fetchall()
    seconds = time.monotonic() - started
    off = [check for check in checks if check.discrepancies]
    for check in off:
        progress.say(f"{check.name}: {check.description}")
        for row in check.sample:
            progress.say(f"    {row}")
    result = f"{len(off)} off" if off else "all clean"
    progress.say(f"{len(checks)} checks, {result}, {seconds:.2f} s")
    if checks[0].scope == "new":
        progress.say(f"last clean full run: {_age_of_last_full_run(connection)} ago")
    if off:
        progress.say(WHAT_TO_DO)
    return not off


def _age_of_last_full_run(connection: psycopg.Connection) -> str:
    row = connection.execute(AGE_OF_LAST_FULL_RUN).fetchone()
    age: timedelta = row[0] if row else timedelta(0)
    return f"{age.days} days" if age.days else f"{age.total_seconds() / 3600:.1f} hours"
