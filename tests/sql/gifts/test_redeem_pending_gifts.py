"""gifts.redeem_pending_gifts: what waits for somebody who has just registered."""

import pytest

from databases import Connection, Owner, refused
from sql.books import attempts, ledger, run_out
from sql.calls import balance, call, gift, redeem

EMAIL = "ada@example.com"


def redeem_pending(
    db: Connection, user_id: str = "ada", email: str | None = EMAIL
) -> tuple[int, int]:
    answer = call(db, "gifts.redeem_pending_gifts", user_id=user_id, email=email)
    return answer["redeemed_count"], answer["total_credits"]


def test_all_that_waits_is_given(db: Connection, owner: Owner) -> None:
    codes = [gift(db, "creator", n, target_email=EMAIL)["code"] for n in (10, 20, 30)]
    assert redeem_pending(db) == (3, 60)
    assert balance(db, "ada") == 60
    assert [attempts(owner, code) for code in codes] == [[("ada", "success")]] * 3


@pytest.mark.parametrize("email", [EMAIL, "ADA@EXAMPLE.COM"])
def test_address_is_compared_in_any_case(db: Connection, email: str) -> None:
    gift(db, "creator", 10, target_email="Ada@Example.com")
    assert redeem_pending(db, email=email) == (1, 10)


def test_nothing_is_given_twice(db: Connection) -> None:
    gift(db, "creator", 10, target_email=EMAIL)
    redeem_pending(db)
    assert redeem_pending(db) == (0, 0)
    assert balance(db, "ada") == 10


def test_nothing_that_waits_is_no_error(db: Connection, owner: Owner) -> None:
    assert redeem_pending(db) == (0, 0)
    assert ledger(owner, "ada") == []


def test_gifts_for_others_stay(db: Connection) -> None:
    gift(db, "creator", 10, target_email="eve@example.com")
    gift(db, "creator", 10, target_matrix_id="@ada:example.com")
    gift(db, "creator", 10)
    assert redeem_pending(db) == (0, 0)


def test_one_portion_of_several_is_given(db: Connection) -> None:
    gift(db, "creator", 10, type="split", total_portions=2, target_email=EMAIL)
    assert redeem_pending(db) == (1, 5)


def test_portion_claimed_before_is_not_given_again(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10, type="split", total_portions=2, target_email=EMAIL)
    redeem(db, made["code"], "ada", email=EMAIL)
    assert redeem_pending(db) == (0, 0)
    assert attempts(owner, made["code"]) == [("ada", "success")]


def test_riddle_is_left_to_be_answered(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10, target_email=EMAIL, riddle_question="Who?", riddle_answer="I")
    assert redeem_pending(db) == (0, 0)
    assert attempts(owner, made["code"]) == []


@pytest.mark.parametrize("end", ["expired", "cancelled", "refunded"])
def test_gift_that_ended_is_not_given(db: Connection, owner: Owner, end: str) -> None:
    made = gift(db, "creator", 10, target_email=EMAIL)
    if end == "cancelled":
        call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")
    else:
        run_out(owner, made["code"])
    if end == "refunded":
        call(db, "gifts.expire_gifts")
    assert redeem_pending(db) == (0, 0)
    assert attempts(owner, made["code"]) == []


@pytest.mark.parametrize("email", ["", "  ", None, "x", "a b@example.org", f" {EMAIL}"])
def test_missing_address_is_refused(db: Connection, email: str | None) -> None:
    gift(db, "creator", 10)
    with refused(db, "UC001") as refusal:
        redeem_pending(db, email=email)
    assert list(refusal.details) == ["email"]


@pytest.mark.parametrize("email", ["%@%", "_da@example.com", "ada@example.com'"])
def test_address_is_no_pattern(db: Connection, email: str) -> None:
    gift(db, "creator", 10, target_email=EMAIL)
    assert redeem_pending(db, email=email) == (0, 0)
