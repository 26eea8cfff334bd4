"""A debit that had to wait for its account is decided on as things are then."""

from collections.abc import Callable

import psycopg
import pytest

from tests.concurrency import in_background, wait_until_blocked
from tests.databases import Connection, Database, refused
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import Row, give, limit, pool, use, use_guild
from tests.sql.concurrency.outcomes import session
from tests.sql.lifecycle import HOUR, grant, remaining, reserve, spending


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    """The user u1 has 10 credits, the pool g1 has 10."""
    connection = session(database)
    give(connection, "u1", 10)
    pool(connection, "g1", 10)


def meanwhile(
    database: Database,
    first: Callable[[Connection], Row],
    second: Callable[[Connection], Row],
    third: Callable[[Connection], object] | None = None,
    *,
    kept: bool = True,
) -> tuple[Row, Row | str]:
    """Make the second call while the first is not committed yet; return answers or a SQLSTATE.

    The third is somebody else's, committed while the second one waits. If the first is not kept,
    it is rolled back then.
    """
    holder, waiter = session(database, autocommit=False), session(database)
    answer = first(holder)

    def wait() -> Row | str:
        try:
            return second(waiter)
        except psycopg.Error as error:
            return str(error.sqlstate)

    with in_background(wait) as outcome:
        owner = database.connect()
        wait_until_blocked(owner, waiter.info.backend_pid)
        if third is not None:
            third(owner)
        if kept:
            holder.commit()
        else:
            holder.rollback()
    return answer, outcome.result()


either = pytest.mark.parametrize(
    "debit",
    [lambda db: use(db, "u1", 1), lambda db: use_guild(db, "g1", "u1", 1)],
    ids=["personal", "pool"],
)


def amounts(rows: list[Row]) -> list[int]:
    return [int(row["amount"]) for row in rows]


def test_same_key_is_one_debit(database: Database) -> None:
    first, second = meanwhile(
        database,
        lambda db: use(db, "u1", 4, idempotency_key="k"),
        lambda db: use(db, "u1", 4, idempotency_key="k"),
    )
    assert isinstance(second, dict)
    assert {**first, "replayed": True} == second
    assert amounts(ledger(database.connect(), "u1")) == [10, -4]


def test_last_credits_go_once(database: Database) -> None:
    _, second = meanwhile(database, lambda db: use(db, "u1", 6), lambda db: use(db, "u1", 6))
    assert second == "UC002"


def test_both_debits_are_made_while_there_are_credits(database: Database) -> None:
    _, second = meanwhile(database, lambda db: use(db, "u1", 6), lambda db: use(db, "u1", 3))
    assert isinstance(second, dict)
    assert second["balance"] == 1


def test_credits_that_are_held_meanwhile_are_not_spent(database: Database) -> None:
    _, second = meanwhile(database, lambda db: reserve(db, "u1", 6), lambda db: use(db, "u1", 6))
    assert second == "UC002"


def test_key_of_a_hold_made_meanwhile_is_taken(database: Database) -> None:
    _, second = meanwhile(
        database,
        lambda db: reserve(db, "u1", 1, idempotency_key="k"),
        lambda db: use(db, "u1", 1, idempotency_key="k"),
    )
    assert second == "UC004"


def test_dated_credits_granted_meanwhile_are_spent_first(database: Database) -> None:
    meanwhile(
        database,
        lambda db: grant(db, "u1", 5, "welcome", expires_in=HOUR),
        lambda db: use(db, "u1", 3),
    )
    assert remaining(database.connect(), "u1") == [2]


def test_same_key_is_one_debit_of_a_pool(database: Database) -> None:
    first, second = meanwhile(
        database,
        lambda db: use_guild(db, "g1", "u1", 4, idempotency_key="k"),
        lambda db: use_guild(db, "g1", "u1", 4, idempotency_key="k"),
    )
    assert isinstance(second, dict)
    assert {**first, "replayed": True} == second
    assert amounts(pool_ledger(database.connect(), "g1")) == [10, -4]


def test_last_credits_of_a_pool_go_once(database: Database) -> None:
    _, second = meanwhile(
        database, lambda db: use_guild(db, "g1", "u1", 6), lambda db: use_guild(db, "g1", "u2", 6)
    )
    assert second == "UC002"


def test_limit_holds_for_what_was_spent_meanwhile(database: Database) -> None:
    limit(session(database), "g1", "u1", daily_limit=5)
    _, second = meanwhile(
        database, lambda db: use_guild(db, "g1", "u1", 3), lambda db: use_guild(db, "g1", "u1", 3)
    )
    assert second == "UC003"


@pytest.mark.parametrize("limits", [{"daily_limit": 5}, {"monthly_limit": 5}])
def test_limits_hold_for_who_does_not_wait(database: Database, limits: dict[str, int]) -> None:
    connection = session(database)
    limit(connection, "g1", "u1", **limits)
    with refused(connection, "UC003"):
        use_guild(connection, "g1", "u1", 6)
    use_guild(connection, "g1", "u1", 4)
    with refused(connection, "UC003"):
        use_guild(connection, "g1", "u1", 2)
    use_guild(connection, "g1", "u1", 1)
    assert amounts(pool_ledger(database.connect(), "g1")) == [10, -4, -1]


@pytest.mark.parametrize("limits", [{"daily_limit": 5}, {"monthly_limit": 5}])
def test_debit_beyond_a_limit_leaves_nothing(database: Database, limits: dict[str, int]) -> None:
    connection = session(database)
    limit(connection, "g1", "u1", **limits)
    with refused(connection, "UC003"):
        use_guild(connection, "g1", "u1", 6)
    owner = database.connect()
    assert amounts(pool_ledger(owner, "g1")) == [10]
    assert spending(owner, "g1", "u1")["spent_today"] == 0


@either
@pytest.mark.parametrize("kept", [True, False], ids=["committed", "rolled back"])
def test_id_is_drawn_when_the_account_is_there(
    database: Database, debit: Callable[[Connection], Row], kept: bool
) -> None:
    """Lists find the rows of a time by their ids."""
    drawn: list[Row] = []
    _, second = meanwhile(
        database,
        debit,
        debit,
        lambda owner: drawn.extend(owner.execute("select credits._new_id() as id")),
        kept=kept,
    )
    assert isinstance(second, dict)
    assert second["id"] > drawn[0]["id"]


@either
@pytest.mark.parametrize("kept", [True, False], ids=["committed", "rolled back"])
def test_cap_that_is_set_meanwhile_holds(
    database: Database, debit: Callable[[Connection], Row], kept: bool
) -> None:
    _, second = meanwhile(
        database,
        debit,
        debit,
        lambda owner: owner.execute(
            "insert into credits.service_caps (caller, max_amount) values ('test_service', 0.5)"
        ),
        kept=kept,
    )
    assert second == "UC016"
