"""Rows of the predecessor on their way: copied into temporary tables of the new database."""

import psycopg
from psycopg import sql

from deploy.importing.reading import READINGS, Reading
from deploy.importing.source import Period, Predecessor
from deploy.progress import Progress
from deploy.sources import OWNER

# From the beginning of the month, or of a week that began before it.
PERIOD = """
    select
        least(date_trunc('month', t.today), date_trunc('week', t.today))::date, s.limits_time_zone
    from credits.settings s, lateral (select now() at time zone s.limits_time_zone as today) t
"""

# Credits that were set aside at the predecessor were taken from the balance there.
SET_ASIDE = """
    update pg_temp.people p
    set set_aside = s.amount
    from (
        select account_id, sum(amount) as amount
        from (
            select creator_id, credits_per_portion * (total_portions - claimed_portions)
            from pg_temp.gift_codes
            union all
            select user_id, amount from pg_temp.holds
        ) each (account_id, amount)
        group by account_id
    ) s
    where s.account_id = p.account_id
"""
# Members' uses in these windows are booked again, so that their limits know of them.
SPENT = """
    update pg_temp.pools p
    set set_aside = s.amount
    from (
        select organization_id, sum(amount) as amount from pg_temp.spending group by organization_id
    ) s
    where s.organization_id = p.account_id
"""


def period_of(connection: psycopg.Connection) -> Period:
    """Return the present windows of limits of the new database, in their zone."""
    row = connection.execute(PERIOD).fetchone()
    assert row is not None  # noqa: S101  # There is one row of settings.
    return Period(*row)


def stage(
    predecessor: Predecessor, connection: psycopg.Connection, period: Period, progress: Progress
) -> None:
    """Copy all that is read into temporary tables, which go with the transaction."""
    for reading in READINGS:
        _create(connection, reading)
        query = reading.query(predecessor, period)
        if query is not None:
            with progress.step(f"reading {reading.name.replace('_', ' ')}"):
                _copy(predecessor, connection, reading, query)
        connection.execute(sql.SQL("analyze pg_temp.{}").format(sql.Identifier(reading.name)))
    connection.execute(SET_ASIDE)
    connection.execute(SPENT)


def _create(connection: psycopg.Connection, reading: Reading) -> None:
    name = sql.Identifier(reading.name)
    connection.execute(
        sql.SQL(
            "create temporary table {} ({}, "
            "row_number bigint generated always as identity primary key, "
            "set_aside numeric not null default 0, brought boolean not null default false"
            ") on commit drop"
        ).format(name, sql.SQL(reading.columns))
    )
    connection.execute(sql.SQL("grant all on pg_temp.{} to {}").format(name, sql.Identifier(OWNER)))


def _copy(
    predecessor: Predecessor,
    connection: psycopg.Connection,
    reading: Reading,
    query: sql.Composed,
) -> None:
    columns = sql.SQL(", ").join(
        sql.Identifier(column.split()[0]) for column in reading.columns.split(", ")
    )
    taken_in = sql.SQL("copy pg_temp.{} ({}) from stdin").format(
        sql.Identifier(reading.name), columns
    )
    # As a stream: no more than a few rows are in memory at a time.
    with (
        predecessor.connection.cursor() as reader,
        connection.cursor() as writer,
        reader.copy(sql.SQL("copy ({}) to stdout").format(query)) as rows,
        writer.copy(taken_in) as room,
    ):
        for data in rows:
            room.write(data)
