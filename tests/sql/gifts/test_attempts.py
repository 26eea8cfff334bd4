"""Guessing is throttled: 5 failures of a person at a riddle, 20 elsewhere, 50 wrong answers."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import attempts
from tests.sql.calls import gift, redeem

RIDDLE = {"riddle_question": "Who?", "riddle_answer": "I", "total_portions": 5}


@pytest.fixture
def riddle(db: Connection) -> str:
    """The code of a gift with a riddle."""
    return str(gift(db, "creator", 10, **RIDDLE)["code"])


@pytest.fixture
def personal(db: Connection) -> str:
    """The code of a gift for somebody else."""
    return str(gift(db, "creator", 10, target_email="a@example.com")["code"])


def guess(db: Connection, code: str, user_id: str, times: int) -> None:
    for _ in range(times):
        assert redeem(db, code, user_id, riddle_answer="You")["status"] != "success"


def failed_before(owner: Owner, code: str, user_id: str, times: int, ago: str) -> None:
    """Record wrong answers as they would have been recorded some time ago."""
    owner.execute(
        """
        insert into gifts.gift_redemptions
            (code, id, gift_code_id, redeemer_user_id, status, created_at)
        select
            g.code,
            (left(credits._id_floor(t.at)::text, 14) || right(credits._new_id()::text, 22))::uuid,
            g.id, %s, 'failed_wrong_answer', t.at
        from gifts.gift_codes g, lateral (
            select clock_timestamp() - %s::interval + n * interval '1 millisecond' as at
            from generate_series(1, %s) n
        ) t
        where g.code = %s
        """,
        (user_id, ago, times, code),
    )


def test_fifth_guess_may_be_right(db: Connection, riddle: str) -> None:
    guess(db, riddle, "u1", 4)
    assert redeem(db, riddle, "u1", riddle_answer="I")["status"] == "success"


def test_sixth_attempt_at_a_riddle_must_wait(db: Connection, riddle: str) -> None:
    guess(db, riddle, "u1", 5)
    with refused(db, "UG008") as refusal:
        redeem(db, riddle, "u1", riddle_answer="I")
    assert 0 < refusal.details["retryAfterSeconds"] <= 900


def test_attempt_that_must_wait_is_not_recorded(db: Connection, owner: Owner, riddle: str) -> None:
    guess(db, riddle, "u1", 5)
    with refused(db, "UG008"):
        redeem(db, riddle, "u1", riddle_answer="You")
    assert len(attempts(owner, riddle)) == 5


def test_others_may_still_try(db: Connection, riddle: str) -> None:
    guess(db, riddle, "u1", 5)
    assert redeem(db, riddle, "u2", riddle_answer="I")["status"] == "success"


def test_other_gifts_may_still_be_tried(db: Connection, riddle: str) -> None:
    guess(db, riddle, "u1", 5)
    other = gift(db, "creator", 10, **RIDDLE)["code"]
    assert redeem(db, other, "u1", riddle_answer="I")["status"] == "success"


def test_missing_answers_do_not_count(db: Connection, riddle: str) -> None:
    for _ in range(6):
        with refused(db, "UG005"):
            redeem(db, riddle, "u1")
    assert redeem(db, riddle, "u1", riddle_answer="I")["status"] == "success"


def test_gift_without_a_riddle_may_be_tried_twenty_times(db: Connection, personal: str) -> None:
    guess(db, personal, "u1", 19)
    assert redeem(db, personal, "u1", email="a@example.com")["status"] == "success"


def test_twenty_first_attempt_must_wait(db: Connection, personal: str) -> None:
    guess(db, personal, "u1", 20)
    with refused(db, "UG008"):
        redeem(db, personal, "u1", email="a@example.com")


def test_fifty_wrong_answers_of_all_close_a_riddle(db: Connection, riddle: str) -> None:
    for n in range(10):
        guess(db, riddle, f"guesser {n}", 5)
    with refused(db, "UG008") as refusal:
        redeem(db, riddle, "u1", riddle_answer="I")
    assert 0 < refusal.details["retryAfterSeconds"] <= 900


def test_fiftieth_answer_may_be_right(db: Connection, riddle: str) -> None:
    for n in range(10):
        guess(db, riddle, f"guesser {n}", 5 if n else 4)
    assert redeem(db, riddle, "u1", riddle_answer="I")["status"] == "success"


def test_failures_older_than_fifteen_minutes_do_not_count(
    db: Connection, owner: Owner, riddle: str
) -> None:
    failed_before(owner, riddle, "u1", 5, "15 minutes 1 second")
    assert redeem(db, riddle, "u1", riddle_answer="I")["status"] == "success"


def test_wait_ends_when_the_oldest_failure_leaves_the_window(
    db: Connection, owner: Owner, riddle: str
) -> None:
    failed_before(owner, riddle, "u1", 1, "14 minutes")
    failed_before(owner, riddle, "u1", 4, "1 minute")
    with refused(db, "UG008") as refusal:
        redeem(db, riddle, "u1", riddle_answer="I")
    assert 50 <= refusal.details["retryAfterSeconds"] <= 60


def test_wait_of_all_ends_when_the_oldest_failure_leaves_the_window(
    db: Connection, owner: Owner, riddle: str
) -> None:
    failed_before(owner, riddle, "u1", 1, "14 minutes")
    for n in range(2, 51):
        failed_before(owner, riddle, f"u{n}", 1, "1 minute")
    with refused(db, "UG008") as refusal:
        redeem(db, riddle, "u99", riddle_answer="I")
    assert 50 <= refusal.details["retryAfterSeconds"] <= 60


def test_retry_of_a_success_need_not_wait(db: Connection, riddle: str) -> None:
    first = redeem(db, riddle, "u1", riddle_answer="I", idempotency_key="k")
    guess(db, riddle, "u1", 5)
    again = redeem(db, riddle, "u1", riddle_answer="I", idempotency_key="k")
    assert again["transaction_id"] == first["transaction_id"]
