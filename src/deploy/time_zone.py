"""The zone in which days and months of spending limits are cut: one for the whole database."""

import psycopg

from deploy.errors import DeploymentError
from deploy.progress import Progress


def require_known(connection: psycopg.Connection, zone: str) -> None:
    """Stop before anything is done if the zone cannot be kept in the end.

    Raises:
        DeploymentError: The server does not know the zone.
    """
    known = connection.execute(
        "select from pg_catalog.pg_timezone_names where name = %s", (zone,)
    ).fetchone()
    if known is None:
        raise DeploymentError(
            f"LIMITS_TIME_ZONE is malformed: the server knows no zone {zone!r}; "
            "take a name such as Europe/Berlin"
        )


def set_limits_time_zone(connection: psycopg.Connection, zone: str, progress: Progress) -> None:
    """Keep a known zone in the database, where every caller's limits are cut by it."""
    with connection.transaction():
        connection.execute("set local role credits_owner")
        changed = connection.execute(
            "update credits.settings set limits_time_zone = %(zone)s "
            "where limits_time_zone <> %(zone)s",
            {"zone": zone},
        )
    if changed.rowcount:
        progress.say(f"limits are cut in {zone} from now on")
