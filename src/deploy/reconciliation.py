"""The reconciliation report: the views of the schema reconcile, empty when all is well."""

import time

import psycopg

from deploy.connection import connect
from deploy.errors import DeploymentError, one_line
from deploy.progress import Progress

CHECKS = """
    select c.relname
    from pg_catalog.pg_class c
    where c.relnamespace = to_regnamespace('reconcile') and c.relkind = 'v'
    order by c.relname
"""
RUN = """
    select discrepancies, array(select jsonb_array_elements(sample) #>> '{}')
    from credits.reconcile(p_check_name => %s)
"""


def reconcile(url: str, progress: Progress | None = None) -> bool:
    """Check the books of a database and report each check as soon as it has run.

    Args:
        url: Names the database and a role that may run the reconciliation (`credits_auditor`).
        progress: Told each check: its name, result and time, and a sample of what is off.

    Returns:
        Whether everything agrees.

    Raises:
        DeploymentError: The checks cannot be run.
    """
    progress = progress or Progress()
    try:
        with connect(url) as connection:
            checks = [name for (name,) in connection.execute(CHECKS)]
            if not checks:
                raise DeploymentError("there is nothing to check: run the deployment first")
            off = sum(not _agrees(connection, check, progress) for check in checks)
    except psycopg.Error as error:
        raise DeploymentError(one_line(error)) from error
    progress.say(f"{len(checks)} checks, {off} off" if off else f"{len(checks)} checks, all clean")
    return not off


def _agrees(connection: psycopg.Connection, check: str, progress: Progress) -> bool:
    started = time.monotonic()
    rows = connection.execute(RUN, (check,)).fetchall()
    seconds = time.monotonic() - started
    ((discrepancies, sample),) = rows
    result = f"{discrepancies} off" if discrepancies else "clean"
    progress.say(f"{check:<36} {result:>10}  {seconds:.2f} s")
    for row in sample:
        progress.say(f"    {row}")
    return not discrepancies
