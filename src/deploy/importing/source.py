"""The predecessor's database: where its tables are, and what is read of them.

There are two generations of it. The first has guild pools, and gift codes with portions, riddles
and targets. The second has holds, and gift codes with a flag for redeemed. Which columns are there
decides what is asked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import psycopg
from psycopg import sql

from deploy.connection import connect
from deploy.errors import DeploymentError

# Renamed ones first: under their old names may be ours by now.
CREDITS = ("credits_before", "credits")
GIFTS = ("gifts_before", "gifts")

# Only tables: what we have under the same names are views, or has columns that they never had.
FIND = """
    select n.nspname, c.relname, array_agg(a.attname::text)
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname = any(%s) and c.relkind in ('r', 'p', 'f')
    group by n.nspname, c.relname
"""
OURS = {("credits", "entries"), ("credits", "accounts")}

NO_TABLES = (
    "FROM has no tables of the predecessor: none of the schemas {} has balances; name its database "
    "in the URL, and a login that may read it"
)
OUR_OWN = (
    "FROM has this service's own tables, and no schema credits_before beside them: if the "
    "predecessor's tables were in this database, they are to be renamed before the first "
    "deployment (alter schema credits rename to credits_before; alter schema gifts rename to "
    "gifts_before), else name its database in the URL"
)


class Period(NamedTuple):
    """The day from which on members' spending is read, and the zone that days are cut in."""

    first_day: date
    zone: str


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The predecessor's tables, in one snapshot.

    Attributes:
        connection: In a transaction that only reads.
        credits: The schema of balances, packages and the like.
        gifts: The schema of gift codes; None where there is none.
        columns: The columns of each table, by schema and name.
    """

    connection: psycopg.Connection
    credits: str
    gifts: str | None
    columns: Mapping[tuple[str, str], frozenset[str]]

    def has(self, table: str, column: str | None = None) -> bool:
        """Return whether the schema of credits has a table, with a column."""
        return self._has(self.credits, table, column)

    def has_gifts(self, column: str | None = None) -> bool:
        """Return whether there are gift codes, with a column."""
        return self.gifts is not None and self._has(self.gifts, "gift_codes", column)

    def query(self, text: str) -> sql.Composed:
        """Put the names of the schemas into a query: {credits} and {gifts}."""
        return sql.SQL(text).format(
            credits=sql.Identifier(self.credits), gifts=sql.Identifier(self.gifts or self.credits)
        )

    def _has(self, schema: str, table: str, column: str | None) -> bool:
        known = self.columns.get((schema, table), frozenset())
        return bool(known) if column is None else column in known


@contextmanager
def open_predecessor(url: str) -> Iterator[Predecessor]:
    """Open the predecessor's database for reading, in one snapshot.

    Raises:
        DeploymentError: There is no connection to be had, or it has no tables of the predecessor.
    """
    try:
        opened = connect(url)
    except DeploymentError as error:
        raise DeploymentError(f"FROM: {error}") from error
    with opened as connection:
        for setting in ("timezone = 'UTC'", "search_path = ''", "client_encoding = 'UTF8'"):
            connection.execute(f"set {setting}".encode())
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            yield _find(connection)


def _find(connection: psycopg.Connection) -> Predecessor:
    rows = connection.execute(FIND, ([*CREDITS, *GIFTS],)).fetchall()
    columns = {(schema, table): frozenset(names) for schema, table, names in rows}
    found = next((schema for schema in CREDITS if (schema, "balances") in columns), None)
    if found is None:
        raise DeploymentError(
            OUR_OWN if OURS & columns.keys() else NO_TABLES.format(", ".join(CREDITS))
        )
    gifts = next(
        (
            schema
            for schema in GIFTS
            if columns.get((schema, "gift_codes")) and not _is_ours(columns[schema, "gift_codes"])
        ),
        None,
    )
    return Predecessor(connection, found, gifts, columns)


def _is_ours(columns: frozenset[str]) -> bool:
    return "request_digest" in columns
