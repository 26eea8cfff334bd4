"""The reconciliation report: the checks of the schema reconcile, empty when all is well."""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import errors
from psycopg.rows import class_row

from deploy import checkout
from deploy.connection import connect
from deploy.deployment import DATABASE_FOLDER
from deploy.errors import DeploymentError, one_line
from deploy.progress import Progress, counted
from deploy.record import is_of_deployers, read_own
from deploy.sources import LEDGER, OWNER, fingerprint

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

MOST_TOLD = 20

WHAT_TO_DO = 'what to do about each check: docs/handbook.md, "Reading the reconciliation"'


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check, with up to five of its discrepancies as JSON."""

    name: str
    description: str
    discrepancies: int
    scope: str
    sample: list[str]


def reconcile(
    url: str,
    progress: Progress | None = None,
    *,
    scope: Scope = "new",
    folder: Path | None = DATABASE_FOLDER,
) -> bool:
    """Check the books of a database and report each check as soon as it has run.

    Args:
        url: Names the database and a role that may run the reconciliation (`credits_auditor`).
        progress: Told each check: its name, result and time; then a sample of what is off.
        scope: "full" checks all there is, "new" what is newer than the last clean run. Where no
            full run is known to be clean, "new" becomes "full".
        folder: The definitions of this checkout, compared with the database, too; None where
            that is known to be something else.

    Returns:
        True if everything agrees.

    Raises:
        DeploymentError: The checks cannot be run.
    """
    progress = progress or Progress()
    try:
        with connect(url) as connection:
            is_clean = _report(connection, scope, progress)
            is_as_deployed = folder is None or _compare(connection, folder, progress)
            if not (is_clean and is_as_deployed):
                progress.say(WHAT_TO_DO)
            return is_clean and is_as_deployed
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
    progress.say(f"{counted(len(checks), 'check')}, {result}, {seconds:.2f} s")
    if checks[0].scope == "new":
        progress.say(f"last clean full run: {_age_of_last_full_run(connection)} ago")
    return not off


def _compare(connection: psycopg.Connection, folder: Path, progress: Progress) -> bool:
    """Compare what is there with what the folder makes; where it cannot tell, say why in a line."""
    deployed = read_own(connection)
    if deployed.get("files", fingerprint(folder)) != fingerprint(folder):
        progress.say(
            "not compared with this checkout, which is another version than the one that "
            f"{deployed.get('login')} deployed at {deployed.get('time')}: run it from that one"
        )
        return True
    if not checkout.is_current(folder):
        progress.say(f"not compared with this checkout: {folder / checkout.FILE} is of other files")
        return True
    started = time.monotonic()
    found = checkout.find(connection, folder)
    off = checkout.differences(folder, found)
    result = f"{len(off)} off" if off else "clean"
    seconds = time.monotonic() - started
    progress.say(f"{'compared with this checkout':36} {result:>10} {seconds:>9.2f} s")
    for line in off[:MOST_TOLD]:
        progress.say(f"    {line}")
    owners = {key[1].rpartition(" of ")[0] for key in found if is_of_deployers(key)} - {OWNER}
    told = ", ".join(sorted(owners)) or "none"
    progress.say(f"logins that may act as {OWNER} or {LEDGER}, besides superusers: {told}")
    return not off


def _age_of_last_full_run(connection: psycopg.Connection) -> str:
    row = connection.execute(AGE_OF_LAST_FULL_RUN).fetchone()
    age: timedelta = row[0] if row else timedelta(0)
    return counted(age.days, "day") if age.days else f"{age.total_seconds() / 3600:.1f} hours"
