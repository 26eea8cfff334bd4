"""Gifts under calls made at once."""

from collections import Counter
from collections.abc import Callable

import psycopg
import pytest

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.books import attempts, gift_row, run_out
from tests.sql.calls import Row, balance, call, gift, give, redeem
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.lifecycle import HOUR
from tests.sql.moments import Clock, later

EMAIL = "ada@example.com"


@pytest.fixture
def creator(database: Database) -> Connection:
    """A session in which the user `creator` has 1000 credits."""
    connection = session(database)
    give(connection, "creator", 1000)
    return connection


def cancel(connection: Connection, made: Row) -> Row:
    return call(connection, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")


def expire(connection: Connection) -> int:
    return int(call(connection, "gifts.expire_gifts")["gifts_expired"])


def after(
    database: Database,
    first: Callable[[Connection], object],
    second: Callable[[Connection], Row],
    *,
    undone: bool = False,
) -> Row | psycopg.Error:
    """Make the second call while the first is not yet committed; return what it was answered.

    It must wait for the first, which is then committed, or rolled back if it is to be undone.
    """
    leading, following = session(database, autocommit=False), session(database)
    first(leading)

    def follow() -> Row | psycopg.Error:
        try:
            return second(following)
        except psycopg.Error as error:
            return error

    with in_background(follow) as outcome:
        wait_until_blocked(database.connect(), following.info.backend_pid)
        if undone:
            leading.rollback()
        else:
            leading.commit()
    return outcome.result()


def test_ten_portions_go_to_ten_of_sixty(database: Database, creator: Connection) -> None:
    made = gift(creator, "creator", 100, total_portions=10)
    outcomes = run_parallel(
        database, 60, lambda connection, i: redeem(connection, made["code"], f"u{i}")
    )
    statuses = Counter(answer["status"] for answer in successes(outcomes))
    assert statuses == {"success": 10, "failed_depleted": 50}
    superuser = database.connect()
    recorded = Counter(status for _, status in attempts(superuser, made["code"]))
    assert recorded == statuses
    assert gift_row(superuser, made["code"])["status"] == "depleted"
    portions = [a["portion_number"] for a in successes(outcomes) if a["status"] == "success"]
    assert sorted(portions) == list(range(1, 11))


def test_one_person_gets_one_portion_however_often_at_once(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 100, total_portions=10)
    outcomes = run_parallel(
        database, 10, lambda connection, _: redeem(connection, made["code"], "u1")
    )
    statuses = Counter(answer["status"] for answer in successes(outcomes))
    assert statuses == {"success": 1, "failed_already_claimed": 9}
    assert balance(creator, "u1") == 10


def test_one_key_twenty_times_at_once_is_one_redemption(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 100, total_portions=10)
    outcomes = run_parallel(
        database,
        20,
        lambda connection, _: redeem(connection, made["code"], "u1", idempotency_key="k"),
    )
    answers = successes(outcomes)
    assert len(answers) == 20
    assert len({(answer["status"], answer["transaction_id"]) for answer in answers}) == 1
    assert balance(creator, "u1") == 10


def test_one_key_twenty_times_at_once_is_one_gift(database: Database, creator: Connection) -> None:
    outcomes = run_parallel(
        database,
        20,
        lambda connection, _: gift(connection, "creator", 100, idempotency_key="k"),
    )
    answers = successes(outcomes)
    assert len(answers) == 20
    assert len({answer["code"] for answer in answers}) == 1
    assert balance(creator, "creator") == 900


def test_last_credits_make_one_gift_of_thirty(database: Database) -> None:
    give(session(database), "creator", 10)
    outcomes = run_parallel(database, 30, lambda connection, _: gift(connection, "creator", 10))
    assert len(successes(outcomes)) == 1
    assert refusals(outcomes) == {"UC002": 29}


def test_guesses_at_once_are_throttled_as_one_after_the_other(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 10, riddle_question="Who?", riddle_answer="I")
    outcomes = run_parallel(
        database,
        20,
        lambda connection, _: redeem(connection, made["code"], "u1", riddle_answer="You"),
    )
    assert len(successes(outcomes)) == 5
    assert refusals(outcomes) == {"UG008": 15}


def test_cancelling_after_the_last_redemption_is_refused(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 10)
    outcome = after(
        database,
        lambda connection: redeem(connection, made["code"], "u1"),
        lambda connection: cancel(connection, made),
    )
    assert isinstance(outcome, psycopg.Error)
    assert outcome.sqlstate == "UG002"


def test_cancelling_after_a_redemption_returns_the_rest(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 10, total_portions=2)
    outcome = after(
        database,
        lambda connection: redeem(connection, made["code"], "u1"),
        lambda connection: cancel(connection, made),
    )
    assert not isinstance(outcome, psycopg.Error)
    assert outcome["refunded_credits"] == 5


def test_redeeming_after_a_cancellation_is_refused(database: Database, creator: Connection) -> None:
    made = gift(creator, "creator", 10)
    outcome = after(
        database,
        lambda connection: cancel(connection, made),
        lambda connection: redeem(connection, made["code"], "u1"),
    )
    assert isinstance(outcome, psycopg.Error)
    assert outcome.sqlstate == "UG002"


def test_redeeming_after_a_cancellation_that_was_undone_succeeds(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 10)
    outcome = after(
        database,
        lambda connection: cancel(connection, made),
        lambda connection: redeem(connection, made["code"], "u1"),
        undone=True,
    )
    assert not isinstance(outcome, psycopg.Error)
    assert outcome["status"] == "success"


def test_cancelling_twice_at_once_pays_back_once(database: Database, creator: Connection) -> None:
    made = gift(creator, "creator", 10)
    outcomes = run_parallel(database, 10, lambda connection, _: cancel(connection, made))
    answers = successes(outcomes)
    assert sorted(answer["replayed"] for answer in answers) == [False] + [True] * 9
    assert balance(creator, "creator") == 1000


def test_redeeming_and_cancelling_at_once_share_the_gift_without_a_remainder(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 100, total_portions=10)

    def act(connection: Connection, i: int) -> Row:
        return cancel(connection, made) if i == 10 else redeem(connection, made["code"], f"u{i}")

    run_parallel(database, 20, act)
    claimed = gift_row(database.connect(), made["code"])["claimed_portions"]
    assert balance(creator, "creator") == 1000 - 10 * claimed


def test_redeeming_after_a_sweep_is_too_late(database: Database, creator: Connection) -> None:
    made = gift(creator, "creator", 10)
    run_out(database.connect(), made["code"])
    outcome = after(
        database,
        expire,
        lambda connection: redeem(connection, made["code"], "u1"),
    )
    assert not isinstance(outcome, psycopg.Error)
    assert outcome["status"] == "failed_expired"
    assert balance(creator, "creator") == 1000


def test_sweep_leaves_a_gift_that_is_just_being_redeemed(
    database: Database, creator: Connection, clock: Clock
) -> None:
    expires_at = later(creator, HOUR)
    made = gift(creator, "creator", 10, total_portions=2, expires_at=expires_at)
    redeemer, sweeper = session(database, autocommit=False), session(database)
    assert redeem(redeemer, made["code"], "u1")["status"] == "success"
    clock.move_to(expires_at)
    assert expire(sweeper) == 0
    redeemer.commit()
    assert expire(sweeper) == 1
    assert [balance(creator, "creator"), balance(creator, "u1")] == [995, 5]


def test_locked_creator_keeps_no_other_waiting(database: Database, creator: Connection) -> None:
    give(creator, "busy", 100)
    for creator_id in ("busy", "creator"):
        run_out(database.connect(), gift(creator, creator_id, 100)["code"])
    holder, sweeper = session(database, autocommit=False), session(database)
    give(holder, "busy", 1)
    assert expire(sweeper) == 1
    holder.commit()
    assert expire(sweeper) == 1


def test_two_sweepers_share_the_work(database: Database, creator: Connection) -> None:
    superuser = database.connect()
    for _ in range(5):
        run_out(superuser, gift(creator, "creator", 10)["code"])
    give(creator, "another", 50)
    for _ in range(5):
        run_out(superuser, gift(creator, "another", 10)["code"])
    first, second = session(database, autocommit=False), session(database)
    taken = call(first, "gifts.expire_gifts", limit=5)["gifts_expired"]
    left = call(second, "gifts.expire_gifts", limit=100)["gifts_expired"]
    first.commit()
    assert (taken, left) == (5, 5)
    assert [balance(creator, "creator"), balance(creator, "another")] == [1000, 50]


def test_many_sweepers_pay_back_once(database: Database, creator: Connection) -> None:
    superuser = database.connect()
    for n in range(20):
        give(creator, f"c{n % 4}", 10)
        run_out(superuser, gift(creator, f"c{n % 4}", 10)["code"])
    outcomes = run_parallel(database, 8, lambda connection, _: expire(connection))
    assert refusals(outcomes) == {}
    assert sum(successes(outcomes)) + expire(creator) == 20
    assert [balance(creator, f"c{n}") for n in range(4)] == [50] * 4


def test_pending_gift_that_was_just_redeemed_is_not_given_again(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 10, target_email=EMAIL)
    outcome = after(
        database,
        lambda connection: redeem(connection, made["code"], "u1", email=EMAIL),
        lambda connection: call(
            connection, "gifts.redeem_pending_gifts", user_id="u1", email=EMAIL
        ),
    )
    assert not isinstance(outcome, psycopg.Error)
    assert outcome["redeemed_count"] == 0
    assert balance(creator, "u1") == 10


def test_gift_that_was_just_given_as_pending_cannot_be_redeemed_again(
    database: Database, creator: Connection
) -> None:
    made = gift(creator, "creator", 10, target_email=EMAIL)
    outcome = after(
        database,
        lambda connection: call(
            connection, "gifts.redeem_pending_gifts", user_id="u1", email=EMAIL
        ),
        lambda connection: redeem(connection, made["code"], "u1", email=EMAIL),
    )
    assert not isinstance(outcome, psycopg.Error)
    assert outcome["status"] == "failed_already_claimed"
    assert balance(creator, "u1") == 10


def test_pending_gifts_asked_for_at_once_are_given_once(
    database: Database, creator: Connection
) -> None:
    for _ in range(5):
        gift(creator, "creator", 10, target_email=EMAIL)
    outcomes = run_parallel(
        database,
        10,
        lambda connection, _: call(
            connection, "gifts.redeem_pending_gifts", user_id="u1", email=EMAIL
        ),
    )
    assert refusals(outcomes) == {}
    assert sum(answer["redeemed_count"] for answer in successes(outcomes)) == 5
    assert balance(creator, "u1") == 50


def test_gifts_of_two_people_to_each_other_are_redeemed_without_a_deadlock(
    database: Database,
) -> None:
    connection = session(database)
    for n in range(2):
        give(connection, f"u{n}", 100)
    made = [gift(connection, f"u{i % 2}", 10) for i in range(12)]

    def act(connection: Connection, i: int) -> None:
        redeem(connection, made[i]["code"], f"u{(i + 1) % 2}")
        own = gift(connection, f"u{i % 2}", 1)
        call(connection, "gifts.cancel_gift", gift_id=own["id"], creator_id=f"u{i % 2}")

    outcomes = run_parallel(database, 12, act)
    assert refusals(outcomes) == {}
    assert [balance(connection, f"u{n}") for n in range(2)] == [100, 100]
