"""Refunds of one usage at once."""

from decimal import Decimal
from uuid import UUID

import pytest

from tests.concurrency import run_parallel
from tests.databases import Connection, Database
from tests.sql.books import pool_balance
from tests.sql.calls import Row, balance, give, pool, use, use_guild
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import refund, spending


def make_usage(database: Database, kind: str) -> UUID:
    """u1 used 10 credits, of 10 own ones or of the 10 of the pool g1."""
    connection = session(database)
    if kind == "guild":
        pool(connection, "g1", 10)
        return UUID(str(use_guild(connection, "g1", "u1", 10)["id"]))
    give(connection, "u1", 10)
    return UUID(str(use(connection, "u1", 10)["id"]))


def account(database: Database, kind: str) -> object:
    """The balance of the account that the usage was taken from."""
    connection = database.connect()
    return pool_balance(connection, "g1") if kind == "guild" else balance(connection, "u1")


both_kinds = pytest.mark.parametrize("kind", ["personal", "guild"])


@both_kinds
def test_thirty_parts_never_exceed_the_usage(database: Database, kind: str) -> None:
    usage = make_usage(database, kind)
    outcomes = run_parallel(
        database, 30, lambda connection, _: refund(connection, "u1", usage, "0.7")
    )
    assert (len(successes(outcomes)), refusals(outcomes)) == (14, {"UC010": 16})
    assert account(database, kind) == Decimal("9.8")


@both_kinds
def test_parts_of_all_sizes_never_exceed_the_usage(database: Database, kind: str) -> None:
    usage = make_usage(database, kind)
    outcomes = run_parallel(
        database, 12, lambda connection, i: refund(connection, "u1", usage, 1 + i % 6)
    )
    refunded = sum(answer["amount"] for answer in successes(outcomes))
    assert account(database, kind) == refunded <= 10
    assert set(refusals(outcomes)) == {"UC010"}


@both_kinds
def test_whole_refund_is_made_by_one_of_ten(database: Database, kind: str) -> None:
    usage = make_usage(database, kind)
    outcomes = run_parallel(database, 10, lambda connection, _: refund(connection, "u1", usage, 10))
    assert (len(successes(outcomes)), refusals(outcomes)) == (1, {"UC010": 9})


@both_kinds
def test_one_key_ten_times_is_one_refund(database: Database, kind: str) -> None:
    usage = make_usage(database, kind)
    outcomes = run_parallel(
        database,
        10,
        lambda connection, _: refund(connection, "u1", usage, 4, idempotency_key="k"),
    )
    answers = successes(outcomes)
    assert (len(answers), len({answer["id"] for answer in answers})) == (10, 1)
    assert account(database, kind) == 4


def test_limit_holds_while_what_was_used_is_refunded(database: Database) -> None:
    usage = make_usage(database, "guild")
    connection = database.connect()
    give(connection, "u2", 1)
    connection.execute(
        "insert into credits.guild_spending_limits (organization_id, user_id, daily_limit) "
        "values ('g1', 'u1', 10)"
    )

    def refund_or_use(connection: Connection, i: int) -> Row:
        if i % 2:
            return refund(connection, "u1", usage, 1)
        return use_guild(connection, "g1", "u1", 1)

    outcomes = run_parallel(database, 12, refund_or_use)
    assert set(refusals(outcomes)) <= {"UC002", "UC003"}
    assert spending(connection, "g1", "u1")["spent_today"] <= 10
