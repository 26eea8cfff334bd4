"""One deployment, from beginning to end."""

from pathlib import Path

import psycopg

from deploy import functions, migrations, record
from deploy.connection import connect, take_lock
from deploy.errors import DeploymentError, one_line
from deploy.foreign import refuse_foreign_schemas
from deploy.progress import Progress
from deploy.sources import read_sources
from deploy.time_zone import require_known, set_limits_time_zone

DATABASE_FOLDER = Path(__file__).resolve().parents[2] / "db"


def deploy(
    url: str,
    folder: Path = DATABASE_FOLDER,
    progress: Progress | None = None,
    *,
    time_zone: str | None = None,
) -> None:
    """Bring a database to the version that a folder holds.

    Args:
        url: Names the database and a role that may create roles and schemas in it.
        folder: Holds `migrations`, `functions` and `triggers`.
        progress: Told each step; standard output by default.
        time_zone: Cuts the days and months of spending limits; None leaves it as it is.

    Raises:
        DeploymentError: It cannot be done; the message is one line that says what to do. Migrations
            that were applied before the failure stay applied; functions and privileges are
            changed together or not at all. One that stops before its first migration leaves
            nothing behind.
    """
    progress = progress or Progress()
    schemas = {source.schema for source in read_sources(folder / "functions")}
    try:
        with connect(url) as connection:
            if time_zone:
                require_known(connection, time_zone)
            take_lock(connection, progress)
            refuse_foreign_schemas(connection, schemas)
            before = record.read(connection)
            migrations.apply(url, folder / "migrations", progress)
            functions.apply(connection, folder, before, progress)
            if time_zone:
                set_limits_time_zone(connection, time_zone, progress)
    except psycopg.Error as error:
        raise DeploymentError(one_line(error)) from error
    progress.say("up to date")
