"""gifts.cancel_gift."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import gift_row, ledger, run_out
from tests.sql.calls import Row, balance, call, gift, redeem, use


def cancel(db: Connection, made: Row, creator_id: str | None = "creator") -> Row:
    return call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id=creator_id)


def test_creator_gets_the_credits_back(db: Connection) -> None:
    made = gift(db, "creator", 100)
    answer = cancel(db, made)
    assert (answer["gift_id"], answer["refunded_credits"]) == (made["id"], 100)
    assert [answer["balance"], balance(db, "creator")] == [10000, 10000]


def test_reversal_lowers_total_spent(db: Connection) -> None:
    cancel(db, gift(db, "creator", 100))
    answer = call(db, "credits.get_balance", user_id="creator")
    assert (answer["total_earned"], answer["total_spent"]) == (10000, 0)


def test_reversal_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100)
    cancel(db, made)
    row = ledger(owner, "creator")[-1]
    assert (row["type"], row["amount"], row["reversal"]) == ("gift", 100, True)
    assert row["reference_id"] == str(made["id"])
    assert gift_row(owner, made["code"])["refund_transaction_id"] == row["id"]


def test_only_unclaimed_credits_come_back(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100, total_portions=3)
    redeem(db, made["code"], "u1")
    assert cancel(db, made)["refunded_credits"] == 66
    assert [balance(db, "creator"), balance(db, "u1")] == [9967, 33]
    assert gift_row(owner, made["code"])["status"] == "cancelled"


def test_gift_past_its_time_can_be_cancelled_until_it_is_paid_back(
    db: Connection, owner: Owner
) -> None:
    made = gift(db, "creator", 100)
    run_out(owner, made["code"])
    assert cancel(db, made)["refunded_credits"] == 100
    assert call(db, "gifts.expire_gifts")["gifts_expired"] == 0


def test_cancelling_twice_returns_the_first_result(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100)
    first = cancel(db, made)
    use(db, "creator", 500)
    again = cancel(db, made)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert {**again, "replayed": False} == first
    assert len(ledger(owner, "creator")) == 4


def test_used_up_gift_cannot_be_cancelled(db: Connection) -> None:
    made = gift(db, "creator", 100)
    redeem(db, made["code"], "u1")
    with refused(db, "UG002") as refusal:
        cancel(db, made)
    assert refusal.details == {"status": "depleted"}


def test_gift_that_was_paid_back_cannot_be_cancelled(db: Connection, owner: Owner) -> None:
    made = gift(db, "creator", 100)
    run_out(owner, made["code"])
    call(db, "gifts.expire_gifts")
    with refused(db, "UG002") as refusal:
        cancel(db, made)
    assert refusal.details == {"status": "refunded"}
    assert balance(db, "creator") == 10000


@pytest.mark.parametrize("somebody", ["u1", "", None, "Creator"])
def test_somebody_elses_gift_is_not_found(db: Connection, somebody: str | None) -> None:
    made = gift(db, "creator", 100)
    with refused(db, "UG001"):
        cancel(db, made, somebody)


def test_gift_that_does_not_exist_is_not_found(db: Connection) -> None:
    with refused(db, "UG001"):
        cancel(db, {"id": uuid4()})
