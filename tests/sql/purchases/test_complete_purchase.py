"""credits.complete_purchase."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_balance, ledger, purchase_row
from tests.sql.calls import Row, balance, call, give, rows
from tests.sql.conftest import Api
from tests.sql.purchases.conftest import Purchase


def test_buyer_gets_the_credits(db: Connection, purchase: Purchase) -> None:
    give(db, "u1", 1)
    assert purchase.complete() == {"outcome": "completed"}
    figures = call(db, "credits.get_balance", user_id="u1")
    assert (figures["balance"], figures["total_earned"]) == (501, 501)


def test_buyer_needs_no_account(db: Connection, purchase: Purchase) -> None:
    purchase.complete()
    assert balance(db, "u1") == 500


def test_purchase_is_one_ledger_row(owner: Owner, purchase: Purchase) -> None:
    purchase.complete()
    (row,) = ledger(owner, "u1")
    assert (row["type"], row["amount"]) == ("purchase", 500)
    assert (row["reference_id"], row["called_by"]) == (str(purchase.id), "test_api")


def test_purchase_is_completed(owner: Owner, purchase: Purchase) -> None:
    purchase.complete(stripe_payment_intent_id="pi_1")
    row = purchase_row(owner, purchase.id)
    (entry,) = ledger(owner, "u1")
    assert (row["status"], row["transaction_id"]) == ("completed", entry["id"])
    assert row["stripe_payment_intent_id"] == "pi_1"
    assert row["completed_at"] is not None


def test_purchase_is_credited_once(db: Connection, owner: Owner, purchase: Purchase) -> None:
    purchase.complete()
    assert purchase.complete()["outcome"] == "already_completed"
    assert len(ledger(owner, "u1")) == 1
    assert balance(db, "u1") == 500


def test_currency_is_compared_in_any_case(purchase: Purchase) -> None:
    assert purchase.complete(currency="EUR")["outcome"] == "completed"


@pytest.mark.parametrize(
    "change",
    [
        {"amount_cents": 498},
        {"amount_cents": 500},
        {"amount_cents": 0},
        {"amount_cents": -499},
        {"amount_cents": 49900},
        {"amount_cents": None},
        {"currency": "usd"},
        {"currency": ""},
        {"currency": None},
    ],
    ids=str,
)
def test_another_amount_or_currency_moves_nothing(
    db: Connection, owner: Owner, purchase: Purchase, change: dict[str, object]
) -> None:
    assert purchase.complete(**change)["outcome"] == "amount_mismatch"
    row = purchase_row(owner, purchase.id)
    assert (row["status"], row["failure_reason"]) == ("pending", "amount_mismatch")
    assert balance(db, "u1") == 0


def test_right_amount_counts_after_a_wrong_one(owner: Owner, purchase: Purchase) -> None:
    purchase.complete(amount_cents=1)
    assert purchase.complete()["outcome"] == "completed"
    assert purchase_row(owner, purchase.id)["failure_reason"] is None


def test_wrong_amount_after_the_right_one_changes_nothing(owner: Owner, purchase: Purchase) -> None:
    purchase.complete()
    before = purchase_row(owner, purchase.id)
    assert purchase.complete(amount_cents=1)["outcome"] == "already_completed"
    assert purchase_row(owner, purchase.id) == before


def test_purchase_of_another_user_is_unknown(db: Connection, purchase: Purchase) -> None:
    assert purchase.complete(user_id="u2")["outcome"] == "unknown_purchase"
    assert [balance(db, "u1"), balance(db, "u2")] == [0, 0]


@pytest.mark.parametrize("user_id", ["u1", "nobody", "", None])
def test_purchase_that_nobody_began_is_unknown(purchase: Purchase, user_id: str | None) -> None:
    answer = purchase.complete(user_id=user_id, purchase_id=uuid4())
    assert answer == {"outcome": "unknown_purchase"}


def test_purchase_that_a_full_balance_cannot_take_can_be_completed_later(
    db: Connection, owner: Owner, purchase: Purchase
) -> None:
    give(db, "u1", 1)
    fill_balance(owner, "u1")
    with refused(db, "UC008"):
        purchase.complete()
    assert purchase_row(owner, purchase.id)["status"] == "pending"


@pytest.mark.parametrize(
    ("noted", "paid"),
    [
        ({"stripe_payment_intent_id": "pi_1"}, {"stripe_payment_intent_id": "pi_2"}),
        ({"stripe_checkout_session_id": "cs_1"}, {"stripe_checkout_session_id": "cs_2"}),
        (
            {"stripe_payment_intent_id": "pi_1", "stripe_checkout_session_id": "cs_1"},
            {"stripe_payment_intent_id": "pi_2", "stripe_checkout_session_id": "cs_1"},
        ),
    ],
    ids=["intent", "session", "intent of the session"],
)
@pytest.mark.parametrize("before", ["pending", "completed"])
def test_another_payment_than_the_one_that_was_noted_moves_nothing(
    owner: Owner, purchase: Purchase, noted: Row, paid: Row, before: str
) -> None:
    ours = {"user_id": "u1", "purchase_id": purchase.id}
    rows(purchase.api, "credits.attach_payment", **ours, **noted)
    if before == "completed":
        purchase.complete(**noted)
    kept = purchase_row(owner, purchase.id)
    assert purchase.complete(**paid)["outcome"] == "another_payment"
    assert purchase_row(owner, purchase.id) == kept


def test_intent_of_a_page_is_noted_when_it_is_paid(owner: Owner, purchase: Purchase) -> None:
    ours = {"user_id": "u1", "purchase_id": purchase.id}
    rows(purchase.api, "credits.attach_payment", **ours, stripe_checkout_session_id="cs_1")
    purchase.complete(stripe_payment_intent_id="pi_1", stripe_checkout_session_id="cs_1")
    assert purchase_row(owner, purchase.id)["stripe_payment_intent_id"] == "pi_1"


@pytest.mark.parametrize("user_id", ["u1", "u2"])
def test_one_payment_credits_one_purchase(
    db: Connection, owner: Owner, package: Row, purchase: Purchase, user_id: str
) -> None:
    purchase.complete(stripe_payment_intent_id="pi_1")
    begun = call(purchase.api, "credits.begin_purchase", user_id=user_id, package_id=package["id"])
    other = Purchase(purchase.api, begun["purchase_id"])
    ours = {"user_id": user_id, "stripe_payment_intent_id": "pi_1"}
    assert other.complete(**ours)["outcome"] == "another_payment"
    rows(other.api, "credits.attach_payment", **ours, purchase_id=other.id)
    assert other.complete(user_id=user_id)["outcome"] == "another_payment"
    assert purchase_row(owner, other.id)["status"] == "pending"
    assert purchase.complete(stripe_payment_intent_id="pi_1")["outcome"] == "already_completed"
    assert balance(db, "u1") + balance(db, "u2") == 500


@pytest.mark.off_books
def test_payment_that_credited_two_purchases_is_found(owner: Owner, package: Row, api: Api) -> None:
    for user_id in ("u1", "u2"):
        begun = call(api, "credits.begin_purchase", user_id=user_id, package_id=package["id"])
        Purchase(api, begun["purchase_id"]).complete(user_id=user_id)
    owner.execute("update credits.purchases set stripe_payment_intent_id = 'pi_1'")
    found = owner.execute(
        "select account, actual from reconcile.payments_credited_twice order by account"
    ).fetchall()
    assert [(row["account"], row["actual"]) for row in found] == [("u1", 2), ("u2", 2)]
