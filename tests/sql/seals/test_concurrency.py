"""Sealing goes on beside debits and erasures, several at a time."""

import pytest

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.books import ledger, seal
from tests.sql.calls import call, give, pool, use, use_guild
from tests.sql.concurrency.outcomes import refusals, session
from tests.sql.lifecycle import erase

USERS = ("u1", "u2", "u3")


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    """Three people with 1000 credits each, and a pool with 1000."""
    connection = session(database)
    for user_id in USERS:
        give(connection, user_id, 1000)
    pool(connection, "g1", 1000)


def sealed(superuser: Connection, user_id: str) -> list[int]:
    """The numbers of a person's rows that are sealed, oldest first."""
    found = superuser.execute(
        "select sequence from credits.seals where account_id = %s order by sequence", (user_id,)
    )
    return [row["sequence"] for row in found.fetchall()]


def test_seals_made_beside_debits_hold(database: Database) -> None:
    superusers = [database.connect() for _ in range(3)]

    def work(connection: Connection, i: int) -> None:
        for n in range(40):
            if i < len(superusers):
                seal(superusers[i], limit=7)
            else:
                use(connection, USERS[(i + n) % 3], 1)
                use_guild(connection, "g1", USERS[i % 3], 1)

    assert refusals(run_parallel(database, 7, work)) == {}
    superuser = database.connect()
    seal(superuser)
    for user_id in USERS:
        assert sealed(superuser, user_id)[-1] == len(ledger(superuser, user_id))
    assert superuser.execute("select * from reconcile.broken_seals").fetchall() == []


def test_debit_does_not_wait_for_a_seal(database: Database) -> None:
    sealing = database.connect(autocommit=False)
    seal(sealing)
    debiting = session(database)
    debiting.execute("set lock_timeout = '1ms'")
    use(debiting, "u1", 1)
    use_guild(debiting, "g1", "u1", 1)
    sealing.commit()
    assert sealed(database.connect(), "u1") == [1]


def test_seal_does_not_wait_for_a_debit_and_leaves_its_row_for_later(database: Database) -> None:
    debiting = session(database, autocommit=False)
    use(debiting, "u1", 1)
    superuser = database.connect()
    superuser.execute("set lock_timeout = '1ms'")
    seal(superuser)
    assert sealed(superuser, "u1") == [1]
    debiting.commit()
    seal(superuser)
    assert sealed(superuser, "u1") == [1, 2]


def test_erasure_waits_for_a_seal_and_takes_it_along(database: Database) -> None:
    sealing, erasing = database.connect(autocommit=False), session(database)
    seal(sealing)
    with in_background(lambda: erase(erasing, "u1")) as outcome:
        wait_until_blocked(database.connect(), erasing.info.backend_pid)
        sealing.commit()
    superuser = database.connect()
    assert sealed(superuser, "u1") == []
    assert sealed(superuser, outcome.result()["pseudonym"]) == [1]


def test_account_that_is_being_erased_is_left_to_the_next_round(database: Database) -> None:
    erasing = session(database, autocommit=False)
    pseudonym = erase(erasing, "u1")["pseudonym"]
    sealing = database.connect()
    sealing.execute("set lock_timeout = '1ms'")
    seal(sealing)
    assert [sealed(sealing, user_id) for user_id in USERS] == [[], [1], [1]]
    erasing.commit()
    seal(sealing)
    assert sealed(sealing, "u1") == []
    assert sealed(sealing, pseudonym) == [2]


def test_two_who_seal_the_same_rows_write_them_once(database: Database) -> None:
    first, second = database.connect(autocommit=False), database.connect()
    call(first, "credits.seal")
    with in_background(lambda: seal(second)):
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert {user_id: sealed(second, user_id) for user_id in USERS} == {
        user_id: [1] for user_id in USERS
    }
