"""The functions and views that are in the database, and how to drop one of them."""

from collections.abc import Iterable
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import class_row


class SchemaObject(NamedTuple):
    """A function, procedure or view of one of our schemas."""

    kind: str
    oid: int
    schema: str
    name: str
    identity: str

    @property
    def object(self) -> tuple[str, str]:
        """The schema and the name, without arguments."""
        return self.schema, self.name


# Objects that an extension brought along belong to it.
LIST = """
    select 'routine' as kind, p.oid::int8 as oid, n.nspname as schema, p.proname as name,
           p.oid::regprocedure::text as identity
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any(%(schemas)s)
      and not exists (
          select from pg_catalog.pg_depend d
          where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
    union all
    select 'view', c.oid::int8, n.nspname, c.relname, c.oid::regclass::text
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(%(schemas)s) and c.relkind = 'v'
      and not exists (
          select from pg_catalog.pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by schema, name, identity
"""

# Views that use the object, and functions that use it in their arguments, results or SQL bodies.
DEPENDENTS = """
    with target as (
        select d.classid, d.objid
        from pg_catalog.pg_depend d
        where (d.refobjid = %(oid)s and d.refclassid in ('pg_proc'::regclass, 'pg_class'::regclass))
           or (d.refclassid = 'pg_type'::regclass and d.refobjid in (
                  select t.oid from pg_catalog.pg_type t where t.typrelid = %(oid)s
                  union all
                  select t.typarray from pg_catalog.pg_type t where t.typrelid = %(oid)s))
    )
    select r.ev_class::int8 as oid
    from target
    join pg_catalog.pg_rewrite r on r.oid = target.objid
    where target.classid = 'pg_rewrite'::regclass
    union
    select target.objid::int8 from target where target.classid = 'pg_proc'::regclass
"""


def list_objects(connection: psycopg.Connection, schemas: Iterable[str]) -> list[SchemaObject]:
    """Return every function, procedure and view of the schemas."""
    with connection.cursor(row_factory=class_row(SchemaObject)) as cursor:
        return cursor.execute(LIST, {"schemas": list(schemas)}).fetchall()


def drop(
    connection: psycopg.Connection, targets: Iterable[SchemaObject], managed: Iterable[SchemaObject]
) -> set[SchemaObject]:
    """Drop objects, and before each of them those of the managed ones that use it.

    Returns:
        All that was dropped.

    Raises:
        psycopg.errors.DependentObjectsStillExist: Something that is not managed uses one.
    """
    left = {each.oid: each for each in managed}
    dropped: set[SchemaObject] = set()
    for target in targets:
        if target in dropped:
            continue
        left.pop(target.oid, None)
        users = connection.execute(DEPENDENTS, {"oid": target.oid}).fetchall()
        using = [left[oid] for (oid,) in users if oid in left]
        dropped |= drop(connection, using, left.values())
        command = "drop routine {}" if target.kind == "routine" else "drop view {}"
        # The identity comes from the catalog, already quoted, with its argument types.
        connection.execute(sql.SQL(command).format(sql.SQL(target.identity)))
        dropped.add(target)
    return dropped
