"""credits.save_stripe_customer and credits.attach_payment."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import purchase_row
from tests.sql.calls import call, rows
from tests.sql.conftest import Api
from tests.sql.purchases.conftest import Purchase


def save(api: Api, user_id: str, customer_id: str, email: str | None = None) -> str:
    answer = call(
        api,
        "credits.save_stripe_customer",
        user_id=user_id,
        stripe_customer_id=customer_id,
        email=email,
    )
    return str(answer["stripe_customer_id"])


def test_customer_is_remembered(owner: Owner, api: Api) -> None:
    assert save(api, "u1", "cus_1", "a@example.com") == "cus_1"
    (row,) = owner.execute("select * from credits.stripe_customers").fetchall()
    assert (row["user_id"], row["stripe_customer_id"], row["email"]) == (
        "u1",
        "cus_1",
        "a@example.com",
    )


def test_first_customer_is_the_one_that_counts(api: Api) -> None:
    save(api, "u1", "cus_1")
    assert save(api, "u1", "cus_2") == "cus_1"


def test_each_user_has_a_customer(api: Api) -> None:
    save(api, "u1", "cus_1")
    assert save(api, "u2", "cus_2") == "cus_2"


def test_customer_made_for_a_purchase_is_remembered(owner: Owner, purchase: Purchase) -> None:
    answer = call(
        purchase.api,
        "credits.save_stripe_customer",
        user_id="u1",
        stripe_customer_id="cus_1",
        purchase_id=purchase.id,
    )
    assert answer["stripe_customer_id"] == "cus_1"
    rows = owner.execute("select user_id from credits.stripe_customers").fetchall()
    assert [row["user_id"] for row in rows] == ["u1"]


@pytest.mark.parametrize("user_id", ["", "x" * 129])
def test_what_cannot_be_a_user_is_refused(db: Connection, api: Api, user_id: str) -> None:
    with refused(db, "UC001"):
        save(api, user_id, "cus_1")


def attach(purchase: Purchase, **objects: object) -> None:
    arguments = {"user_id": "u1", "purchase_id": purchase.id, **objects}
    rows(purchase.api, "credits.attach_payment", **arguments)


def test_stripe_objects_of_a_purchase_are_noted(owner: Owner, purchase: Purchase) -> None:
    attach(purchase, stripe_payment_intent_id="pi_1", stripe_customer_id="cus_1")
    attach(purchase, stripe_checkout_session_id="cs_1")
    row = purchase_row(owner, purchase.id)
    assert row["stripe_payment_intent_id"] == "pi_1"
    assert row["stripe_checkout_session_id"] == "cs_1"
    assert row["stripe_customer_id"] == "cus_1"


def test_what_is_known_already_stays(owner: Owner, purchase: Purchase) -> None:
    attach(purchase, stripe_payment_intent_id="pi_1")
    attach(purchase, stripe_payment_intent_id="pi_2")
    attach(purchase)
    assert purchase_row(owner, purchase.id)["stripe_payment_intent_id"] == "pi_1"


def test_objects_may_be_noted_after_the_payment(owner: Owner, purchase: Purchase) -> None:
    purchase.complete()
    attach(purchase, stripe_payment_intent_id="pi_1")
    row = purchase_row(owner, purchase.id)
    assert (row["status"], row["stripe_payment_intent_id"]) == ("completed", "pi_1")


@pytest.mark.parametrize(
    "change", [{"user_id": "u2"}, {"purchase_id": uuid4()}], ids=["user", "id"]
)
def test_unknown_purchase_is_left_alone(
    owner: Owner, purchase: Purchase, change: dict[str, object]
) -> None:
    before = purchase_row(owner, purchase.id)
    attach(purchase, stripe_payment_intent_id="pi_1", **change)
    assert purchase_row(owner, purchase.id) == before
