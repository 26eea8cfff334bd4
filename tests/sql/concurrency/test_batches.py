"""A batch decides only on accounts that it has locked."""

from tests.concurrency import in_background, wait_until_blocked_by
from tests.databases import Database
from tests.sql.books import ledger, pool_ledger
from tests.sql.calls import Row, give, pool, use, use_batch, use_guild, use_guild_batch
from tests.sql.concurrency.outcomes import session


def figures(rows: list[Row]) -> list[tuple[int, int, int]]:
    """Return the rows' numbers, amounts and balances."""
    return [(row["sequence"], int(row["amount"]), int(row["balance_after"])) for row in rows]


def test_account_opened_meanwhile_is_locked_too(database: Database) -> None:
    owner, opener, waiter = database.connect(), session(database), session(database)
    first, second = session(database, autocommit=False), session(database, autocommit=False)
    pids = [db.info.backend_pid for db in (waiter, first, second)]
    give(opener, "a", 10)
    use(first, "a", 1)
    with in_background(lambda: use_batch(waiter, {"user_id": "a"}, {"user_id": "b"})) as outcome:
        wait_until_blocked_by(owner, pids[0], pids[1])
        give(opener, "b", 10)
        use(second, "b", 4)
        first.commit()
        wait_until_blocked_by(owner, pids[0], pids[2])
        second.commit()
    assert [row["balance"] for row in outcome.result()] == [8, 5]
    assert figures(ledger(owner, "b")) == [(1, 10, 10), (2, -4, 6), (3, -1, 5)]


def test_pool_opened_meanwhile_is_locked_too(database: Database) -> None:
    owner, opener, waiter = database.connect(), session(database), session(database)
    first, second = session(database, autocommit=False), session(database, autocommit=False)
    pids = [db.info.backend_pid for db in (waiter, first, second)]
    pool(opener, "a", 10)
    use_guild(first, "a", "u1", 1)
    with in_background(
        lambda: use_guild_batch(waiter, {"organization_id": "a"}, {"organization_id": "b"})
    ) as outcome:
        wait_until_blocked_by(owner, pids[0], pids[1])
        pool(opener, "b", 10)
        use_guild(second, "b", "u1", 4)
        first.commit()
        wait_until_blocked_by(owner, pids[0], pids[2])
        second.commit()
    assert [row["balance"] for row in outcome.result()] == [8, 5]
    assert figures(pool_ledger(owner, "b")) == [(1, 10, 10), (2, -4, 6), (3, -1, 5)]
