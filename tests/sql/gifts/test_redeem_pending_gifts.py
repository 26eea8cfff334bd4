"""gifts.redeem_pending_gifts: what waits for somebody who has just registered."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import attempts, ledger, run_out
from tests.sql.calls import balance, call, gift, redeem
from tests.sql.moments import Clock

DAY = 86400.0
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


@pytest.mark.parametrize("email", ["", "  ", None, "x", "a b@example.org"])
def test_missing_address_is_refused(db: Connection, email: str | None) -> None:
    gift(db, "creator", 10)
    with refused(db, "UC001") as refusal:
        redeem_pending(db, email=email)
    assert list(refusal.details) == ["email"]


@pytest.mark.parametrize("email", ["%@%", "_da@example.com", "ada@example.com'"])
def test_address_is_no_pattern(db: Connection, email: str) -> None:
    gift(db, "creator", 10, target_email=EMAIL)
    assert redeem_pending(db, email=email) == (0, 0)


def wait(owner: Owner, gifts: int) -> None:
    """Let gifts of 1 credit wait for the address."""
    owner.execute(
        """
        select gifts.create_gift(
            p_creator_id => 'creator', p_total_credits => 1, p_target_email => %s
        )
        from generate_series(1, %s) n
        """,
        (EMAIL, gifts),
    )


def test_oldest_are_given_first_and_more_says_that_others_are_left(
    db: Connection, owner: Owner, clock: Clock
) -> None:
    for _ in range(3):
        wait(owner, 40)
        clock.advance(2 * DAY)
    oldest = owner.execute("select code from gifts.gift_codes order by id limit 100").fetchall()
    first = call(db, "gifts.redeem_pending_gifts", user_id="ada", email=EMAIL)
    assert first == {"redeemed_count": 100, "total_credits": 100, "more": True}
    given = owner.execute("select code from gifts.gift_redemptions").fetchall()
    assert {row["code"] for row in given} == {row["code"] for row in oldest}
    second = call(db, "gifts.redeem_pending_gifts", user_id="ada", email=EMAIL)
    assert second == {"redeemed_count": 20, "total_credits": 20, "more": False}


def test_portions_claimed_before_keep_nothing_newer_waiting(
    db: Connection, owner: Owner, clock: Clock
) -> None:
    for _ in range(3):
        for _ in range(40):
            gift(db, "creator", 2, type="split", total_portions=2, target_email=EMAIL)
        clock.advance(2 * DAY)
    assert [redeem_pending(db) for _ in range(3)] == [(100, 100), (20, 20), (0, 0)]
