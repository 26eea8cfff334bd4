"""Throttles under attempts made at once, as from several processes of the API."""

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Database
from tests.sql.books import add_package
from tests.sql.calls import call, rows
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.moments import Clock

UNKNOWN = "AAAAAAAAAA"


def test_of_guesses_at_once_exactly_ten_are_free(database: Database, clock: Clock) -> None:
    # Another one is free every six seconds.
    clock.stop()
    outcomes = run_parallel(
        database,
        40,
        lambda api, _: rows(api, "gifts.redeem_gift", typed=True, code=UNKNOWN, user_id="u1"),
        role="api",
    )
    assert successes(outcomes) == [[]] * 10
    assert refusals(outcomes) == {"UG008": 30}


def test_of_purchases_begun_at_once_exactly_twenty_are(database: Database) -> None:
    package = add_package(database.connect())["id"]
    outcomes = run_parallel(
        database,
        40,
        lambda api, _: call(api, "credits.begin_purchase", user_id="u1", package_id=package),
        role="api",
    )
    assert len(successes(outcomes)) == 20
    assert refusals(outcomes) == {"UC018": 20}


def test_an_attempt_that_is_undone_does_not_count(database: Database) -> None:
    package = add_package(database.connect())["id"]
    first, second = session(database, "api", autocommit=False), session(database, "api")
    for _ in range(20):
        call(first, "credits.begin_purchase", user_id="u1", package_id=package)
    with in_background(
        lambda: call(second, "credits.begin_purchase", user_id="u1", package_id=package)
    ) as begun:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.rollback()
        assert begun.result()["purchase_id"]


def test_attempts_in_use_are_not_waited_for_when_others_are_forgotten(
    database: Database,
) -> None:
    trying, cleaning = session(database, "api", autocommit=False), session(database, "api")
    rows(cleaning, "gifts.redeem_gift", typed=True, code=UNKNOWN, user_id="u1")
    rows(cleaning, "gifts.redeem_gift", typed=True, code=UNKNOWN, user_id="u2")
    database.connect().execute("update credits.attempts set free_at = free_at - interval '1 hour'")
    rows(trying, "gifts.redeem_gift", typed=True, code=UNKNOWN, user_id="u1")
    assert rows(cleaning, "credits.expire_attempts") == [{"expire_attempts": 1}]
    trying.rollback()
