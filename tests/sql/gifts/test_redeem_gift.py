"""gifts.redeem_gift: who gets a portion, and why somebody does not."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import attempts, fill_balance, gift_row, ledger, run_out
from tests.sql.calls import balance, call, gift, give, redeem, use


def test_redeemer_gets_the_credits(db: Connection) -> None:
    give(db, "u1", Decimal("0.5"))
    made = gift(db, "creator", 100, message="Have fun", creator_name="Ada")
    answer = redeem(db, made["code"], "u1")
    assert (answer["status"], answer["credits_received"]) == ("success", 100)
    assert (answer["new_balance"], balance(db, "u1")) == (Decimal("100.5"), Decimal("100.5"))
    assert (answer["message"], answer["creator_name"]) == ("Have fun", "Ada")
    assert (answer["portion_number"], answer["gift_code_id"]) == (1, made["id"])


def test_redeemer_needs_no_account(db: Connection) -> None:
    redeem(db, gift(db, "creator", 100)["code"], "never seen")
    answer = call(db, "credits.get_balance", user_id="never seen")
    assert (answer["balance"], answer["total_earned"], answer["total_spent"]) == (100, 100, 0)


def test_redemption_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100)
    answer = redeem(db, made["code"], "u1", source_app_id="chat", idempotency_key="k")
    (row,) = ledger(owner, "u1")
    assert (row["id"], row["type"], row["amount"]) == (answer["transaction_id"], "gift", 100)
    assert (row["app_id"], row["idempotency_key"]) == ("chat", "k")
    assert row["reference_id"] == str(made["id"])


def test_success_is_recorded(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100)
    answer = redeem(db, made["code"], "u1", source_app_id="chat")
    (row,) = owner.execute("select * from gifts.gift_redemptions").fetchall()
    assert (row["gift_code_id"], row["redeemer_user_id"]) == (made["id"], "u1")
    assert (row["status"], row["credits_received"], row["portion_number"]) == ("success", 100, 1)
    assert row["credit_transaction_id"] == answer["transaction_id"]
    assert row["source_app_id"] == "chat"


def test_creator_is_not_charged_again(db: Connection) -> None:
    made = gift(db, "creator", 100)
    redeem(db, made["code"], "u1")
    assert balance(db, "creator") == 9900


def test_creator_may_redeem_their_own_gift(db: Connection) -> None:
    redeem(db, gift(db, "creator", 100)["code"], "creator")
    assert balance(db, "creator") == 10000


def test_last_portion_depletes_the_gift(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10, total_portions=2)
    assert redeem(db, made["code"], "u1")["gift_status"] == "active"
    assert redeem(db, made["code"], "u2")["gift_status"] == "depleted"
    row = gift_row(owner, made["code"])
    assert (row["status"], row["claimed_portions"]) == ("depleted", 2)


@pytest.mark.parametrize("kind", ["split", "first_come"])
def test_portions_go_to_as_many_people(db: Connection, kind: str) -> None:
    made = gift(db, "creator", 10, type=kind, total_portions=3)
    answers = [redeem(db, made["code"], user_id) for user_id in ("u1", "u2", "u3")]
    assert [answer["portion_number"] for answer in answers] == [1, 2, 3]
    assert [balance(db, user_id) for user_id in ("u1", "u2", "u3")] == [3, 3, 3]


def test_nobody_gets_two_portions(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10, total_portions=5)
    redeem(db, made["code"], "u1")
    answer = redeem(db, made["code"], "u1")
    assert (answer["status"], answer["credits_received"]) == ("failed_already_claimed", 0)
    assert balance(db, "u1") == 2
    assert attempts(owner, made["code"]) == [("u1", "success"), ("u1", "failed_already_claimed")]


def test_used_up_gift_is_refused_and_recorded(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10)
    redeem(db, made["code"], "u1")
    answer = redeem(db, made["code"], "u2")
    assert (answer["status"], answer["gift_status"]) == ("failed_depleted", "depleted")
    assert attempts(owner, made["code"])[-1] == ("u2", "failed_depleted")
    assert balance(db, "u2") == 0


def test_gift_past_its_time_is_refused_and_recorded(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10)
    run_out(owner, made["code"])
    answer = redeem(db, made["code"], "u1")
    assert (answer["status"], answer["gift_status"]) == ("failed_expired", "expired")
    assert attempts(owner, made["code"]) == [("u1", "failed_expired")]
    assert balance(db, "u1") == 0


def test_gift_that_was_paid_back_is_refused_and_recorded(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10)
    run_out(owner, made["code"])
    call(db, "gifts.expire_gifts")
    answer = redeem(db, made["code"], "u1")
    assert (answer["status"], answer["gift_status"]) == ("failed_expired", "refunded")
    assert attempts(owner, made["code"]) == [("u1", "failed_expired")]


def test_gift_that_was_taken_back_is_refused(db: Connection) -> None:
    made = gift(db, "creator", 10)
    call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")
    with refused(db, "UG002") as refusal:
        redeem(db, made["code"], "u1")
    assert refusal.details == {"status": "cancelled"}


def test_failed_attempt_tells_nothing_of_the_gift(db: Connection) -> None:
    made = gift(
        db, "creator", 10, target_email="a@example.com", message="Darling", creator_name="Ada"
    )
    answer = redeem(db, made["code"], "u1", email="b@example.com")
    assert (answer["message"], answer["creator_name"], answer["new_balance"]) == (None, None, None)


def test_failed_attempt_keeps_the_app_it_came_from(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 10, target_email="a@example.com")
    redeem(db, made["code"], "u1", source_app_id="chat")
    (row,) = owner.execute("select source_app_id from gifts.gift_redemptions").fetchall()
    assert row["source_app_id"] == "chat"


def test_unknown_code_is_refused(db: Connection) -> None:
    with refused(db, "UG001"):
        redeem(db, "AAAAAAAAAA", "u1")


def test_retry_returns_the_first_success(db: Connection) -> None:
    made = gift(db, "creator", 10, total_portions=2)
    first = redeem(db, made["code"], "u1", idempotency_key="k")
    again = redeem(db, made["code"], "u1", idempotency_key="k")
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert {**again, "replayed": False} == first
    assert balance(db, "u1") == 5


def test_retry_after_other_movements_still_tells_the_balance_of_then(db: Connection) -> None:
    made = gift(db, "creator", 10)
    redeem(db, made["code"], "u1", idempotency_key="k")
    use(db, "u1", 10)
    assert redeem(db, made["code"], "u1", idempotency_key="k")["new_balance"] == 10


@pytest.mark.parametrize("end", ["depleted", "expired", "cancelled"])
def test_retry_after_the_gift_ended_returns_the_first_success(
    db: Connection, owner: Owner, end: str
) -> None:
    made = gift(db, "creator", 10, total_portions=2)
    first = redeem(db, made["code"], "u1", idempotency_key="k")
    if end == "depleted":
        redeem(db, made["code"], "u2")
    elif end == "expired":
        run_out(owner, made["code"])
        call(db, "gifts.expire_gifts")
    else:
        call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")
    again = redeem(db, made["code"], "u1", idempotency_key="k")
    told = ("status", "gift_code_id", "credits_received", "portion_number", "transaction_id")
    assert {name: again[name] for name in told} == {name: first[name] for name in told}


def test_retry_of_a_failed_attempt_is_tried_anew(db: Connection) -> None:
    made = gift(db, "creator", 10, riddle_question="Who?", riddle_answer="I")
    redeem(db, made["code"], "u1", riddle_answer="You", idempotency_key="k")
    answer = redeem(db, made["code"], "u1", riddle_answer="I", idempotency_key="k")
    assert (answer["status"], answer["replayed"]) == ("success", False)


def test_key_for_another_gift_is_refused(db: Connection) -> None:
    first, second = gift(db, "creator", 10), gift(db, "creator", 10)
    redeem(db, first["code"], "u1", idempotency_key="k")
    with refused(db, "UC004") as refusal:
        redeem(db, second["code"], "u1", idempotency_key="k")
    assert refusal.details == {"idempotencyKey": "k"}


def test_key_from_another_app_is_refused(db: Connection) -> None:
    made = gift(db, "creator", 10)
    redeem(db, made["code"], "u1", source_app_id="chat", idempotency_key="k")
    with refused(db, "UC004"):
        redeem(db, made["code"], "u1", source_app_id="images", idempotency_key="k")


def test_key_with_another_answer_is_refused(db: Connection) -> None:
    made = gift(db, "creator", 10, riddle_question="Who?", riddle_answer="I")
    redeem(db, made["code"], "u1", riddle_answer="I", idempotency_key="k")
    with refused(db, "UC004"):
        redeem(db, made["code"], "u1", riddle_answer="You", idempotency_key="k")


def test_key_of_another_operation_is_refused(db: Connection) -> None:
    made = gift(db, "creator", 10, idempotency_key="created")
    give(db, "creator", 10, idempotency_key="given")
    for key in ("created", "given"):
        with refused(db, "UC004"):
            redeem(db, made["code"], "creator", idempotency_key=key)


def test_keys_of_two_redeemers_are_independent(db: Connection) -> None:
    made = gift(db, "creator", 10, total_portions=2)
    redeem(db, made["code"], "u1", idempotency_key="k")
    assert redeem(db, made["code"], "u2", idempotency_key="k")["replayed"] is False


def test_invalid_request_is_reported_before_an_unknown_code(db: Connection) -> None:
    with refused(db, "UC001"):
        redeem(db, "AAAAAAAAAA", "")


def test_unknown_code_is_reported_before_a_reused_key(db: Connection) -> None:
    give(db, "u1", 10, idempotency_key="k")
    with refused(db, "UG001"):
        redeem(db, "AAAAAAAAAA", "u1", idempotency_key="k")


def test_reused_key_is_reported_before_too_many_attempts(db: Connection) -> None:
    give(db, "u1", 10, idempotency_key="k")
    made = gift(db, "creator", 10, riddle_question="Who?", riddle_answer="I")
    for _ in range(5):
        redeem(db, made["code"], "u1", riddle_answer="You")
    with refused(db, "UC004"):
        redeem(db, made["code"], "u1", riddle_answer="I", idempotency_key="k")


def test_too_many_attempts_are_reported_before_a_portion_claimed_already(db: Connection) -> None:
    made = gift(db, "creator", 10, riddle_question="Who?", riddle_answer="I", total_portions=2)
    redeem(db, made["code"], "u1", riddle_answer="I")
    for _ in range(5):
        redeem(db, made["code"], "u1", riddle_answer="I")
    with refused(db, "UG008"):
        redeem(db, made["code"], "u1", riddle_answer="I")


@pytest.mark.parametrize("end", ["expired", "cancelled", "depleted"])
def test_portion_claimed_already_is_reported_before_the_gifts_end(
    db: Connection, owner: Owner, end: str
) -> None:
    made = gift(db, "creator", 10, total_portions=2)
    redeem(db, made["code"], "u1")
    if end == "expired":
        run_out(owner, made["code"])
    elif end == "cancelled":
        call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")
    else:
        redeem(db, made["code"], "u2")
    assert redeem(db, made["code"], "u1")["status"] == "failed_already_claimed"


def test_portion_claimed_already_is_reported_before_the_wrong_person(db: Connection) -> None:
    made = gift(db, "creator", 10, type="split", total_portions=2, target_email="a@example.com")
    redeem(db, made["code"], "u1", email="a@example.com")
    answer = redeem(db, made["code"], "u1", email="b@example.com")
    assert answer["status"] == "failed_already_claimed"


@pytest.mark.parametrize("end", ["expired", "cancelled", "depleted"])
def test_the_gifts_end_is_reported_before_the_wrong_person(
    db: Connection, owner: Owner, end: str
) -> None:
    made = gift(db, "creator", 10, target_email="a@example.com")
    if end == "expired":
        run_out(owner, made["code"])
    elif end == "depleted":
        redeem(db, made["code"], "u1", email="a@example.com")
    else:
        call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="creator")
        with refused(db, "UG002"):
            redeem(db, made["code"], "u2", email="b@example.com")
        return
    assert redeem(db, made["code"], "u2", email="b@example.com")["status"] == f"failed_{end}"


def test_wrong_person_is_reported_before_a_missing_answer(db: Connection) -> None:
    made = gift(
        db,
        "creator",
        10,
        target_email="a@example.com",
        riddle_question="Who?",
        riddle_answer="I",
    )
    assert redeem(db, made["code"], "u1", email="b@example.com")["status"] == "failed_wrong_user"


def test_wrong_answer_is_reported_before_a_balance_too_large(db: Connection, owner: Owner) -> None:
    give(db, "u1", 1)
    fill_balance(owner, "u1")
    made = gift(db, "creator", 10, riddle_question="Who?", riddle_answer="I")
    answer = redeem(db, made["code"], "u1", riddle_answer="You")
    assert answer["status"] == "failed_wrong_answer"
    with refused(db, "UC008"):
        redeem(db, made["code"], "u1", riddle_answer="I")


def test_gift_that_a_full_balance_cannot_take_stays_for_others(
    db: Connection, owner: Owner
) -> None:
    give(db, "u1", 1)
    fill_balance(owner, "u1")
    made = gift(db, "creator", 10)
    with refused(db, "UC008"):
        redeem(db, made["code"], "u1")
    assert redeem(db, made["code"], "u2")["status"] == "success"
