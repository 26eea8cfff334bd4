"""Checks before this process serves anyone: a database of this version, set up alike."""

import psycopg

from api.database.connections import connection_parameters
from api.settings import Settings, SettingsError

QUERY = """
    select
        credits.limits_time_zone(),
        r.rolsuper or pg_has_role(r.oid, 'credits_owner', 'member')
    from pg_catalog.pg_roles r
    where r.rolname = current_user
"""


def check_database(settings: Settings) -> None:
    """Connect once and compare the database with the settings.

    Raises:
        SettingsError: The database cannot be reached or used, the role may do more than call the
            functions, or days are cut in another zone.
    """
    try:
        with psycopg.connect(**connection_parameters(settings.database_url)) as connection:
            row = connection.execute(QUERY).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        raise SettingsError(
            "DATABASE_URL names a role that may not call the functions: "
            "grant it membership in credits_api"
        ) from None
    except (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName):
        raise SettingsError(
            "DATABASE_URL names a database that is not at this version: deploy to it first"
        ) from None
    except psycopg.Error as error:
        reason = " ".join(str(error).split("\n", 1)[0].split())
        raise SettingsError(
            f"DATABASE_URL names a database that cannot be used: {reason}"
        ) from None
    zone, may_do_anything = row or (None, False)
    problems = []
    if may_do_anything:
        problems.append(
            "DATABASE_URL names the owner or a superuser: "
            "take a login role whose only group is credits_api"
        )
    wanted = settings.limits_time_zone
    if wanted is not None and wanted != zone:
        problems.append(
            f"LIMITS_TIME_ZONE is {wanted}, but the database has {zone}: "
            "deploy with the zone that the limits shall follow"
        )
    if problems:
        raise SettingsError("; ".join(problems))
