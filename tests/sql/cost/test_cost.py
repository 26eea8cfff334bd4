"""The cost of a call does not grow with history."""

import json
from typing import Any

import pytest

from tests.databases import Connection, Database
from tests.sql.calls import call, give, limit, pool

HISTORY = 2000
# Pages of 8 KB that a call may read more with a long history than with a short one. The way down an
# index is longer by a level or two.
TOLERANCE = 12


@pytest.fixture
def superuser(database: Database) -> Connection:
    """A superuser's connection; u1 and the pool g1 have plenty of credits."""
    connection = database.connect()
    give(connection, "u1", 10**6)
    pool(connection, "g1", 10**6)
    limit(connection, "g1", "u1", daily_limit=10**6, monthly_limit=10**6)
    return connection


def pages(superuser: Connection, statement: str, *parameters: Any) -> int:
    """The pages of tables and indexes that a statement reads when everything is warm."""
    read = 0
    for _ in range(3):
        (row,) = superuser.execute(
            f"explain (analyze, buffers, format json) {statement}", parameters
        ).fetchall()
        plan = row["QUERY PLAN"]
        root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        read = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    return int(read)


def grow(superuser: Connection, statement: str, times: int = HISTORY) -> None:
    """Make a movement so many times, each in a transaction of its own."""
    superuser.execute(
        f"do $$ begin for i in 1..{times} loop perform {statement}; commit; end loop; end $$"
    )
    superuser.execute("vacuum analyze")


USE = "credits.use_credits('u1', 1, 'chat', 'One answer', gen_random_uuid()::text)"
USE_GUILD = (
    "credits.use_guild_credits('g1', 'u1', 1, 'chat', 'One answer', gen_random_uuid()::text)"
)


@pytest.mark.parametrize("statement", [USE, USE_GUILD], ids=["personal", "guild"])
def test_debit_reads_no_more_after_a_long_history(superuser: Connection, statement: str) -> None:
    superuser.execute(f"select {statement}")
    before = pages(superuser, f"select {statement}")
    grow(superuser, statement)
    assert pages(superuser, f"select {statement}") <= before + TOLERANCE


@pytest.mark.parametrize(
    ("statement", "listing"),
    [
        (USE, "credits.list_transactions('u1', 20, p_cursor => %s)"),
        (USE_GUILD, "credits.list_guild_transactions('g1', null, 20, p_cursor => %s)"),
        (USE_GUILD, "credits.list_guild_transactions('g1', 'u1', 20, p_cursor => %s)"),
    ],
    ids=["personal", "guild", "member"],
)
def test_deep_page_reads_no_more_than_a_recent_one(
    superuser: Connection, statement: str, listing: str
) -> None:
    grow(superuser, statement)
    table, account = ("transactions", "user_id = 'u1'")
    if statement == USE_GUILD:
        table, account = ("guild_transactions", "organization_id = 'g1'")
    recent, deep = (
        superuser.execute(
            f"select id from credits.{table} where {account}"
            f" order by sequence {order} offset 100 limit 1"
        ).fetchall()[0]["id"]
        for order in ("desc", "asc")
    )
    read = pages(superuser, f"select * from {listing}", recent)
    assert pages(superuser, f"select * from {listing}", deep) <= read + TOLERANCE


def test_limits_are_checked_without_reading_history(superuser: Connection) -> None:
    grow(superuser, USE_GUILD)
    spending = call(superuser, "credits.get_spending", organization_id="g1", user_id="u1")
    assert spending["spent_today"] == HISTORY
    assert pages(superuser, "select * from credits.get_spending('g1', 'u1')") < 40
