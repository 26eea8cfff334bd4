"""A batch decides only on accounts that it has locked."""

from tests.concurrency import PATIENCE_SECONDS, in_background, wait_until_blocked_by
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


def test_person_opened_meanwhile_who_comes_before_others_is_not_waited_for(
    database: Database,
) -> None:
    """Else two batches could wait for each other."""
    opener, waiter = session(database), session(database)
    first, second = session(database, autocommit=False), session(database, autocommit=False)
    give(opener, "c", 10)
    use(first, "c", 1)
    items = ({"user_id": user_id} for user_id in ("c", "a", "b"))
    with in_background(lambda: use_batch(waiter, *items)) as outcome:
        wait_until_blocked_by(database.connect(), waiter.info.backend_pid, first.info.backend_pid)
        give(opener, "a", 10)
        give(opener, "b", 10)
        use(second, "b", 4)
        first.commit()
        answers = outcome.result(timeout=PATIENCE_SECONDS)
        second.commit()
    assert [(row["refusal"], row["balance"]) for row in answers] == [
        (None, 8),
        (None, 9),
        ("55P03", None),
    ]


def test_pool_opened_meanwhile_that_comes_before_others_is_not_waited_for(
    database: Database,
) -> None:
    opener, waiter = session(database), session(database)
    first, second = session(database, autocommit=False), session(database, autocommit=False)
    pool(opener, "b", 10)
    use_guild(first, "b", "u1", 1)
    items = ({"organization_id": organization_id} for organization_id in ("b", "a"))
    with in_background(lambda: use_guild_batch(waiter, *items)) as outcome:
        wait_until_blocked_by(database.connect(), waiter.info.backend_pid, first.info.backend_pid)
        pool(opener, "a", 10)
        use_guild(second, "a", "u1", 4)
        first.commit()
        refusal = outcome.exception(timeout=PATIENCE_SECONDS)
        second.commit()
    assert getattr(refusal, "sqlstate", None) == "55P03"
    assert [row["balance_after"] for row in pool_ledger(database.connect(), "b")] == [10, 9]
