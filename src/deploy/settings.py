"""The database to work on, read from the environment."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.settings import DATABASE_URL_FORM, problem_of_database_url
from deploy.errors import DeploymentError

MIGRATION_VARIABLES = ("MIGRATION_DATABASE_URL", "DATABASE_URL")
SOURCE_VARIABLES = ("FROM",)
RECONCILE_VARIABLES = ("RECONCILE_DATABASE_URL", *MIGRATION_VARIABLES)


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
            problem = problem_of_database_url(url)
            if problem:
                raise DeploymentError(f"{variable} is malformed: {problem}")
            return DatabaseUrl(variable, url)
    raise DeploymentError(f"{variables[0]} is missing: set it to {DATABASE_URL_FORM}")
