"""The database to work on, read from the environment."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict

from deploy.errors import DeploymentError

MIGRATION_VARIABLES = ("MIGRATION_DATABASE_URL", "DATABASE_URL")
SOURCE_VARIABLES = ("FROM",)
RECONCILE_VARIABLES = ("RECONCILE_DATABASE_URL", *MIGRATION_VARIABLES)
FORM = "postgresql://user:password@host:port/database"


class DatabaseUrl(NamedTuple):
    """The URL of a database, and the variable that it came from."""

    variable: str
    url: str


def migration_url(environ: Mapping[str, str]) -> DatabaseUrl:
    """Return the URL of the database to deploy to; see `_first_url`."""
    return _first_url(environ, MIGRATION_VARIABLES)


def reconcile_url(environ: Mapping[str, str]) -> DatabaseUrl:
    """Return the URL of the database whose books are checked; see `_first_url`."""
    return _first_url(environ, RECONCILE_VARIABLES)


def source_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the predecessor's database; see `_first_url`."""
    return _first_url(environ, SOURCE_VARIABLES).url


def is_dry_run(environ: Mapping[str, str]) -> bool:
    """Return whether only a dry run is asked for."""
    return environ.get("DRY_RUN", "").strip().lower() not in ("", "0", "no", "false")


def limits_time_zone(environ: Mapping[str, str]) -> str | None:
    """Return the zone to cut spending limits in; None when the variable is not set."""
    return environ.get("LIMITS_TIME_ZONE", "").strip() or None


def _first_url(environ: Mapping[str, str], variables: Sequence[str]) -> DatabaseUrl:
    """Return the first of the variables that is set.

    Raises:
        DeploymentError: No variable is set, or the one that is set is malformed. The value is
            not repeated, since it may hold a password.
    """
    for variable in variables:
        url = environ.get(variable, "").strip()
        if url:
            problem = _problem_of(url)
            if problem:
                raise DeploymentError(f"{variable} is malformed: {problem}")
            return DatabaseUrl(variable, url)
    raise DeploymentError(f"{variables[0]} is missing: set it to {FORM}")


def _problem_of(url: str) -> str | None:
    """Say what is wrong with a URL without repeating any of it; None if nothing is."""
    wrong_form = f"it must look like {FORM}"
    if not url.startswith(("postgresql://", "postgres://")):
        return wrong_form
    try:
        parameters = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        return wrong_form
    if _has_unquoted_password(url, parameters):
        return "@ and / in a user or password are percent-encoded, %40 and %2F"
    well_formed = _ports_are_valid(parameters) and parameters.get("dbname")
    return None if well_formed else wrong_form


def _has_unquoted_password(url: str, parameters: Mapping[str, Any]) -> bool:
    """Return whether libpq takes the end of a password for a host, a port or a database.

    Errors name those, and would repeat it. One @ may stand in the URL, after a user.
    """
    named = "".join(str(parameters.get(name, "")) for name in ("host", "port", "dbname"))
    return "@" in named and url.count("@") > ("user" in parameters)


def _ports_are_valid(parameters: Mapping[str, Any]) -> bool:
    ports = str(parameters.get("port") or "5432").split(",")
    return all(port.isascii() and port.isdecimal() and 0 < int(port) < 65536 for port in ports)
