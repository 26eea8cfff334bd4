"""gifts.get_gift: what anybody who has the code may know."""

from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import run_out
from tests.sql.calls import Row, call, gift, redeem


def seen(db: Connection, code: object) -> Row:
    return call(db, "gifts.get_gift", code=code)


def test_gift_is_described(db: Connection) -> None:
    made = gift(
        db,
        "creator",
        100,
        total_portions=3,
        message="Have fun",
        creator_name="Ada",
    )
    answer = seen(db, made["code"])
    expected = {
        "code": made["code"],
        "type": "split",
        "status": "active",
        "total_credits": 99,
        "credits_per_portion": 33,
        "total_portions": 3,
        "claimed_portions": 0,
        "remaining_portions": 3,
        "redeemed": False,
        "has_riddle": False,
        "riddle_question": None,
        "is_personalized": False,
        "message": "Have fun",
        "creator_name": "Ada",
        "expires_at": made["expires_at"],
    }
    assert answer == expected


def test_nothing_secret_is_told(db: Connection) -> None:
    made = gift(
        db,
        "creator",
        1,
        target_email="secret@example.com",
        target_matrix_id="@secret:example.com",
        riddle_question="Who?",
        riddle_answer="secret",
        source_app_id="chat",
        idempotency_key="secret key",
    )
    told = str(seen(db, made["code"]))
    assert "secret" not in told
    assert "'creator'" not in told


@pytest.mark.parametrize(
    "target", [{"target_email": "a@example.com"}, {"target_matrix_id": "@a:example.com"}]
)
def test_target_is_told_to_be_there(db: Connection, target: dict[str, Any]) -> None:
    assert seen(db, gift(db, "creator", 1, **target)["code"])["is_personalized"] is True


def test_riddle_is_asked(db: Connection) -> None:
    made = gift(db, "creator", 1, riddle_question="Who?", riddle_answer="I")
    answer = seen(db, made["code"])
    assert (answer["has_riddle"], answer["riddle_question"]) == (True, "Who?")


def test_claimed_portions_are_counted(db: Connection) -> None:
    made = gift(db, "creator", 10, total_portions=2)
    redeem(db, made["code"], "u1")
    answer = seen(db, made["code"])
    assert (answer["claimed_portions"], answer["remaining_portions"]) == (1, 1)
    assert (answer["status"], answer["redeemed"]) == ("active", False)


def test_gift_without_portions_left_is_depleted(db: Connection) -> None:
    made = gift(db, "creator", 10)
    redeem(db, made["code"], "u1")
    answer = seen(db, made["code"])
    assert (answer["status"], answer["redeemed"]) == ("depleted", True)


def test_gift_past_its_time_is_expired_even_before_it_is_paid_back(
    db: Connection, owner: Owner
) -> None:
    made = gift(db, "creator", 10)
    run_out(owner, made["code"])
    assert seen(db, made["code"])["status"] == "expired"


def test_gift_that_was_paid_back_is_refunded(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10)
    run_out(owner, made["code"])
    call(db, "gifts.expire_gifts")
    assert seen(db, made["code"])["status"] == "refunded"


def test_gift_that_was_taken_back_is_cancelled(db: Connection) -> None:
    made = gift(db, "creator", 10)
    call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")
    assert seen(db, made["code"])["status"] == "cancelled"


def test_looking_is_not_an_attempt(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10)
    seen(db, made["code"])
    assert not owner.execute("select from gifts.gift_redemptions").fetchall()


def test_code_that_nobody_made_is_not_found(db: Connection, owner: Owner) -> None:
    row = owner.execute("select gifts._new_code() as code").fetchone()
    assert row is not None
    with refused(db, "UG001"):
        seen(db, row["code"])
