"""credits.record_reversal of a refund: the payment of a purchase went back."""

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger, purchase_row
from tests.sql.calls import Row, balance, call, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import Payments, figures


def test_full_refund_takes_all_credits_back(
    db: Connection, payments: Payments, bought: Row
) -> None:
    assert payments.refunded(bought, 1000) == {"outcome": "applied"}
    assert balance(db, "u1") == 0


def test_partial_refund_takes_credits_back_in_proportion(
    db: Connection, payments: Payments, bought: Row
) -> None:
    payments.refunded(bought, 250)
    assert balance(db, "u1") == 375


@pytest.mark.parametrize(
    ("credits_bought", "price", "cents", "taken"),
    [
        ("500", 499, 1, "1.002004"),
        ("500", 499, 498, "498.997996"),
        ("0.000001", 499, 249, "0"),
        ("0.000001", 499, 250, "0.000001"),
        ("100", 3, 1, "33.333333"),
        ("100", 3, 2, "66.666667"),
        ("999999999.999999", 2147483647, 2147483646, "999999999.534338"),
    ],
)
def test_proportion_is_rounded_to_six_digits(
    owner: Owner, api: Api, credits_bought: str, price: int, cents: int, taken: str
) -> None:
    payments = Payments.for_a_package(owner, api, credits=credits_bought, price_euro_cents=price)
    bought = payments.buy("u1")
    payments.refunded(bought, cents)
    row = purchase_row(owner, bought["purchase_id"])
    assert row["clawed_back_credits"] == Decimal(taken)


def test_is_one_ledger_row(owner: Owner, payments: Payments, bought: Row) -> None:
    payments.refunded(bought, 250)
    row = ledger(owner, "u1")[-1]
    assert (row["type"], row["amount"], row["balance_after"]) == ("clawback", -125, 375)
    assert (row["reference_id"], row["reversal"]) == (str(bought["purchase_id"]), False)


def test_entries_of_a_payment_keep_the_request(owner: Owner, api: Api, payments: Payments) -> None:
    begun = payments.begin("u1")
    ours = {"user_id": "u1", "purchase_id": begun["purchase_id"]}
    paid = {"amount_cents": 1000, "currency": "eur"}
    call(api, "credits.complete_purchase", **ours, **paid, request_id="r1")
    call(api, "credits.record_reversal", **ours, cents=100, request_id="r2")
    disputed = {"stripe_dispute_id": "dp_1", "cents": 100, "status": "lost"}
    call(api, "credits.record_reversal", **ours, **disputed, request_id="r3")
    assert [row["request_id"] for row in ledger(owner, "u1")] == ["r1", "r2", "r3"]


def test_raises_total_spent(db: Connection, payments: Payments, bought: Row) -> None:
    payments.refunded(bought, 250)
    answer = figures(db, "u1")
    assert (answer["total_earned"], answer["total_spent"]) == (500, 125)


def test_purchase_knows_it_and_stays_completed(
    owner: Owner, payments: Payments, bought: Row
) -> None:
    payments.refunded(bought, 250)
    row = purchase_row(owner, bought["purchase_id"])
    names = ("status", "refunded_cents", "clawed_back_credits")
    assert [row[name] for name in names] == ["completed", 250, 125]


def test_user_sees_it_in_the_purchase(payments: Payments, bought: Row) -> None:
    payments.refunded(bought, 250)
    (row,) = payments.list("u1")
    assert (row["refunded_cents"], row["clawed_back_credits"]) == (250, 125)


def test_amounts_are_cumulative(db: Connection, payments: Payments, bought: Row) -> None:
    for cents in (100, 300, 1000):
        payments.refunded(bought, cents)
    assert balance(db, "u1") == 0


def test_parts_that_do_not_divide_add_up_to_everything(
    db: Connection, owner: Owner, api: Api
) -> None:
    payments = Payments.for_a_package(owner, api, credits=100, price_euro_cents=7)
    purchase = payments.buy("u1")
    for cents in range(1, 8):
        payments.refunded(purchase, cents)
    assert balance(db, "u1") == 0


def test_repetition_changes_nothing(owner: Owner, payments: Payments, bought: Row) -> None:
    payments.refunded(bought, 250)
    assert payments.refunded(bought, 250)["outcome"] == "unchanged"
    assert len(ledger(owner, "u1")) == 2


@pytest.mark.parametrize(("less", "left"), [(250, 375), (0, 500), (-1, 500)])
def test_less_than_before_gives_credits_back(
    db: Connection, owner: Owner, payments: Payments, bought: Row, less: int, left: int
) -> None:
    payments.refunded(bought, 500)
    assert payments.refunded(bought, less)["outcome"] == "applied"
    assert balance(db, "u1") == left
    assert [row["reversal"] for row in ledger(owner, "u1")] == [False, False, True]
    assert figures(db, "u1")["total_spent"] == 500 - left


def test_what_was_asked_before_something_else_was_noted_is_refused(
    db: Connection, payments: Payments, bought: Row
) -> None:
    seen = payments.seen(bought)
    assert payments.refunded(bought, 500, seen)["outcome"] == "applied"
    assert payments.refunded(bought, 250, seen)["outcome"] == "outdated"
    assert balance(db, "u1") == 250
    assert payments.refunded(bought, 500, seen)["outcome"] == "unchanged"
    assert payments.refunded(bought, 250, payments.seen(bought))["outcome"] == "applied"


def test_repetition_counts_as_noted(payments: Payments, bought: Row) -> None:
    """Two ask; the later answer is what is known, and the earlier one comes after it."""
    payments.refunded(bought, 250)
    seen = payments.seen(bought)
    assert payments.refunded(bought, 250, seen)["outcome"] == "unchanged"
    assert payments.refunded(bought, 500, seen)["outcome"] == "outdated"


def test_more_than_the_price_takes_no_more_than_was_bought(
    db: Connection, payments: Payments, bought: Row
) -> None:
    use(db, "u1", 1)
    payments.refunded(bought, 10**15)
    assert balance(db, "u1") == -1


@pytest.mark.parametrize("cents", [0, -5])
def test_nothing_refunded_takes_nothing(payments: Payments, bought: Row, cents: int) -> None:
    assert payments.refunded(bought, cents)["outcome"] == "unchanged"


def test_amount_that_is_not_told_is_refused(
    db: Connection, payments: Payments, bought: Row
) -> None:
    with refused(db, "UC001") as refusal:
        payments.refunded(bought, None)
    assert list(refusal.details) == ["cents"]


def test_refund_before_the_payment_is_applied_when_the_payment_comes(
    db: Connection, payments: Payments
) -> None:
    begun = payments.begin("u1")
    assert payments.refunded(begun, 250)["outcome"] == "pending"
    assert balance(db, "u1") == 0
    payments.complete(begun)
    assert balance(db, "u1") == 375


def test_two_purchases_are_taken_back_each_for_itself(
    db: Connection, payments: Payments, bought: Row
) -> None:
    other = payments.buy("u1")
    payments.refunded(other, 1000)
    payments.refunded(bought, 500)
    assert balance(db, "u1") == 250


@pytest.mark.parametrize("cents", [1000, 2**31])
def test_unknown_purchase_moves_nothing(payments: Payments, cents: int) -> None:
    unknown = {"user_id": "u1", "purchase_id": uuid4()}
    assert payments.refunded(unknown, cents)["outcome"] == "unknown_purchase"


def test_somebody_elses_purchase_moves_nothing(
    db: Connection, payments: Payments, bought: Row
) -> None:
    assert payments.refunded({**bought, "user_id": "u2"}, 1000)["outcome"] == "unknown_purchase"
    assert balance(db, "u1") == 500


def test_repeated_payment_after_the_refund_credits_nothing(
    db: Connection, payments: Payments, bought: Row
) -> None:
    payments.refunded(bought, 1000)
    assert payments.complete(bought)["outcome"] == "already_completed"
    assert balance(db, "u1") == 0


def test_late_failure_after_the_refund_changes_nothing(
    owner: Owner, api: Api, payments: Payments, bought: Row
) -> None:
    payments.refunded(bought, 250)
    failed = call(
        api,
        "credits.fail_purchase",
        user_id="u1",
        purchase_id=bought["purchase_id"],
        status="failed",
    )
    assert failed == {"outcome": "unchanged"}
    assert purchase_row(owner, bought["purchase_id"])["status"] == "completed"


@pytest.mark.parametrize("currency", ["usd", "EUR", "", None])
def test_refund_in_another_currency_moves_nothing(
    db: Connection, api: Api, bought: Row, currency: str | None
) -> None:
    answer = call(
        api,
        "credits.record_reversal",
        user_id=bought["user_id"],
        purchase_id=bought["purchase_id"],
        cents=1000,
        currency=currency,
    )
    assert answer["outcome"] == "currency_mismatch"
    assert balance(db, "u1") == 500
