"""credits.record_reversal of a dispute: the payment of a purchase is disputed."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_balance, ledger, purchase_row
from tests.sql.calls import Row, balance, call, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import Payments, figures


@pytest.mark.parametrize("status", ["open", "lost"])
def test_dispute_takes_the_credits_back(
    db: Connection, payments: Payments, bought: Row, status: str
) -> None:
    assert payments.disputed(bought, status) == {"outcome": "applied"}
    assert balance(db, "u1") == 0


def test_dispute_about_a_part_takes_that_part(
    db: Connection, payments: Payments, bought: Row
) -> None:
    payments.disputed(bought, "open", cents=200)
    assert balance(db, "u1") == 400


def test_dispute_that_is_won_gives_the_credits_back(
    db: Connection, payments: Payments, bought: Row
) -> None:
    payments.disputed(bought, "open")
    assert payments.disputed(bought, "won")["outcome"] == "applied"
    assert balance(db, "u1") == 500


def test_dispute_that_is_won_leaves_no_trace_in_the_totals(
    db: Connection, payments: Payments, bought: Row
) -> None:
    payments.disputed(bought, "open")
    payments.disputed(bought, "won")
    answer = figures(db, "u1")
    assert (answer["total_earned"], answer["total_spent"]) == (500, 0)


def test_taking_and_giving_back_are_ledger_rows(
    owner: Owner, payments: Payments, bought: Row
) -> None:
    payments.disputed(bought, "open")
    payments.disputed(bought, "won")
    rows = ledger(owner, "u1")[1:]
    assert [(row["type"], row["amount"], row["reversal"]) for row in rows] == [
        ("clawback", -500, False),
        ("clawback", 500, True),
    ]
    assert {row["reference_id"] for row in rows} == {str(bought["purchase_id"])}


def test_dispute_that_is_lost_changes_nothing_more(
    db: Connection, payments: Payments, bought: Row
) -> None:
    payments.disputed(bought, "open")
    assert payments.disputed(bought, "lost")["outcome"] == "unchanged"
    assert balance(db, "u1") == 0


TAKEN = {"open": 500, "lost": 500, "won": 0}


@pytest.mark.parametrize("before", TAKEN)
@pytest.mark.parametrize("after", TAKEN)
def test_dispute_stands_as_it_was_told_last(
    db: Connection, payments: Payments, bought: Row, before: str, after: str
) -> None:
    payments.disputed(bought, before)
    answer = payments.disputed(bought, after)
    same = TAKEN[before] == TAKEN[after]
    assert answer["outcome"] == ("unchanged" if same else "applied")
    assert balance(db, "u1") == 500 - TAKEN[after]


@pytest.mark.parametrize(("before", "after"), [(1000, 400), (400, 1000)])
def test_dispute_is_about_as_much_as_was_told_last(
    db: Connection, payments: Payments, bought: Row, before: int, after: int
) -> None:
    payments.disputed(bought, "open", cents=before)
    payments.disputed(bought, "lost", cents=after)
    assert balance(db, "u1") == 500 - after // 2


def test_what_was_asked_before_something_else_was_noted_is_refused(
    db: Connection, payments: Payments, bought: Row
) -> None:
    seen = payments.seen(bought)
    assert payments.disputed(bought, "won", seen=seen)["outcome"] == "unchanged"
    assert payments.disputed(bought, "lost", seen=seen)["outcome"] == "outdated"
    assert balance(db, "u1") == 500
    assert payments.disputed(bought, "won", seen=seen)["outcome"] == "unchanged"
    assert payments.disputed(bought, "lost", seen=payments.seen(bought))["outcome"] == "applied"


def test_dispute_that_was_won_before_it_was_heard_of_moves_nothing(
    owner: Owner, payments: Payments, bought: Row
) -> None:
    assert payments.disputed(bought, "won")["outcome"] == "unchanged"
    assert len(ledger(owner, "u1")) == 1


def test_two_disputes_add_up(db: Connection, payments: Payments, bought: Row) -> None:
    payments.disputed(bought, "open", cents=200, dispute="dp_1")
    payments.disputed(bought, "open", cents=300, dispute="dp_2")
    assert balance(db, "u1") == 250
    payments.disputed(bought, "won", cents=200, dispute="dp_1")
    assert balance(db, "u1") == 350


def test_dispute_and_refund_together_take_no_more_than_was_bought(
    db: Connection, payments: Payments, bought: Row
) -> None:
    payments.refunded(bought, 800)
    payments.disputed(bought, "lost", cents=800)
    assert balance(db, "u1") == 0


def test_refund_stays_when_the_dispute_is_won(
    db: Connection, owner: Owner, payments: Payments, bought: Row
) -> None:
    payments.disputed(bought, "open")
    payments.refunded(bought, 250)
    payments.disputed(bought, "won")
    assert balance(db, "u1") == 375
    assert purchase_row(owner, bought["purchase_id"])["clawed_back_credits"] == 125


def test_more_than_the_price_takes_no_more_than_was_bought(
    db: Connection, payments: Payments, bought: Row
) -> None:
    use(db, "u1", 1)
    payments.disputed(bought, "lost", cents=10**9)
    assert balance(db, "u1") == -1


def test_dispute_before_the_payment_is_applied_when_the_payment_comes(
    db: Connection, payments: Payments
) -> None:
    begun = payments.begin("u1")
    assert payments.disputed(begun, "open", cents=200)["outcome"] == "pending"
    payments.complete(begun)
    assert balance(db, "u1") == 400
    payments.disputed(begun, "won", cents=200)
    assert balance(db, "u1") == 500


def test_unknown_purchase_moves_nothing(payments: Payments) -> None:
    unknown = {"user_id": "u1", "purchase_id": uuid4()}
    assert payments.disputed(unknown, "open")["outcome"] == "unknown_purchase"


@pytest.mark.parametrize("status", ["warning_needs_response", "Open", "", None])
def test_unknown_status_is_refused(
    db: Connection, payments: Payments, bought: Row, status: str | None
) -> None:
    with refused(db, "UC001") as refusal:
        payments.disputed(bought, status)
    assert list(refusal.details) == ["status"]


def test_amount_that_is_not_told_is_refused(
    db: Connection, payments: Payments, bought: Row
) -> None:
    with refused(db, "UC001") as refusal:
        payments.disputed(bought, "open", cents=None)
    assert list(refusal.details) == ["cents"]


def test_full_balance_has_no_room_for_what_a_won_dispute_gives_back(
    db: Connection, owner: Owner, payments: Payments, bought: Row
) -> None:
    payments.disputed(bought, "open")
    fill_balance(owner, "u1")
    with refused(db, "UC008"):
        payments.disputed(bought, "won")


def test_dispute_in_another_currency_moves_nothing(db: Connection, api: Api, bought: Row) -> None:
    answer = call(
        api,
        "credits.record_reversal",
        user_id=bought["user_id"],
        purchase_id=bought["purchase_id"],
        stripe_dispute_id="dp_1",
        cents=1000,
        status="open",
        currency="usd",
    )
    assert answer["outcome"] == "currency_mismatch"
    assert balance(db, "u1") == 500
