"""Schemas of our names that are somebody else's: a deployment stops before it changes anything."""

from collections.abc import Iterable

import psycopg

from deploy.errors import DeploymentError
from deploy.migrations import SCHEMA
from deploy.sources import OWNER

# Ours are the owning role's, from the first migration on. The schema of the bookkeeping is so from
# the end of the first deployment; until then it holds our tables, or nothing yet.
FOREIGN = """
    select n.nspname, pg_catalog.pg_get_userbyid(n.nspowner)
    from pg_catalog.pg_namespace n
    where pg_catalog.pg_get_userbyid(n.nspowner) <> %(owner)s
      and (
          n.nspname = any(%(schemas)s)
          or n.nspname = %(bookkeeping)s
          and not exists (
              select from pg_catalog.pg_class c
              where c.relnamespace = n.oid and c.relname = '_yoyo_migration'
          )
          and (
              exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid)
              or not pg_catalog.has_schema_privilege(n.oid, 'create')
          )
      )
    order by n.nspname
"""


def refuse_foreign_schemas(connection: psycopg.Connection, schemas: Iterable[str]) -> None:
    """Stop if a schema that would be ours has another owner, be it empty.

    Else its maker would find our tables in it, and we theirs.

    Raises:
        DeploymentError: Names each of them with its owner, and says how to make room.
    """
    asked = {"owner": OWNER, "schemas": list(schemas), "bookkeeping": SCHEMA}
    found = connection.execute(FOREIGN, asked).fetchall()
    if found:
        named = ", ".join(f"{name} (owner: {owner})" for name, owner in found)
        rename = "; ".join(f"alter schema {name} rename to {name}_before" for name, _ in found)
        raise DeploymentError(
            f"somebody else has schemas of our names here: {named}; nothing was changed: "
            f"rename them ({rename}), drop those that are empty, "
            "or take another database, then run again; make import brings what the predecessor had "
            "in renamed ones"
        )
