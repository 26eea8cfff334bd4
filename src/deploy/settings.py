"""Which database is meant, read from the environment."""

from collections.abc import Mapping, Sequence

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.errors import DeploymentError

MIGRATION_VARIABLES = ("MIGRATION_DATABASE_URL", "DATABASE_URL")
RECONCILE_VARIABLES = ("RECONCILE_DATABASE_URL", *MIGRATION_VARIABLES)
FORM = "postgresql://user:password@host:port/database"


def migration_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the database to deploy to; see `_first_url`."""
    return _first_url(environ, MIGRATION_VARIABLES)


def reconcile_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the database whose books are checked; see `_first_url`."""
    return _first_url(environ, RECONCILE_VARIABLES)


def limits_time_zone(environ: Mapping[str, str]) -> str | None:
    """Return the zone to cut spending limits in; None when the variable is not set."""
    return environ.get("LIMITS_TIME_ZONE", "").strip() or None


def _first_url(environ: Mapping[str, str], variables: Sequence[str]) -> str:
    """Return the first of the variables that is set.

    Raises:
        DeploymentError: No variable is set, or the one that is set is malformed. The value is
            not repeated, since it may hold a password.
    """
    for variable in variables:
        url = environ.get(variable, "").strip()
        if url:
            if not _well_formed(url):
                raise DeploymentError(f"{variable} is malformed: it must look like {FORM}")
            return url
    raise DeploymentError(f"{variables[0]} is missing: set it to {FORM}")


def _well_formed(url: str) -> bool:
    if not url.startswith(("postgresql://", "postgres://")):
        return False
    try:
        parameters = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        return False
    ports = str(parameters.get("port") or "5432").split(",")
    ports_valid = all(
        port.isascii() and port.isdecimal() and 0 < int(port) < 65536 for port in ports
    )
    return ports_valid and bool(parameters.get("dbname"))
