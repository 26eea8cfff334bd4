"""Where to deploy, read from the environment."""

from collections.abc import Mapping

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.errors import DeploymentError

VARIABLES = ("MIGRATION_DATABASE_URL", "DATABASE_URL")
FORM = "postgresql://user:password@host:port/database"


def migration_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the database to deploy to.

    Raises:
        DeploymentError: No variable is set, or the one that is set is malformed. The value is
            not repeated, since it may hold a password.
    """
    for variable in VARIABLES:
        url = environ.get(variable, "").strip()
        if url:
            if not _well_formed(url):
                raise DeploymentError(f"{variable} is malformed: it must look like {FORM}")
            return url
    raise DeploymentError(f"{VARIABLES[0]} is missing: set it to {FORM}")


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
