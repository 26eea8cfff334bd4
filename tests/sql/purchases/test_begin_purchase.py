"""credits.begin_purchase."""

from uuid import uuid4

import pytest

from databases import Connection, Owner, refused
from sql.books import add_package, purchase_row
from sql.calls import Row, balance, call
from sql.conftest import Api


def test_purchase_is_opened_at_the_present_price(owner: Owner, api: Api, package: Row) -> None:
    begun = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    row = purchase_row(owner, begun["purchase_id"])
    assert (row["user_id"], row["status"], row["package_id"]) == ("u1", "pending", package["id"])
    assert (row["credits"], row["price_euro_cents"], row["currency"]) == (500, 499, "eur")
    assert row["package_name"] == "500 credits"


def test_answer_tells_what_to_charge_for(owner: Owner, api: Api) -> None:
    package = add_package(owner, description="For a start", stripe_price_id="price_1")
    begun = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    assert (begun["package_id"], begun["package_name"]) == (package["id"], "500 credits")
    assert (begun["package_description"], begun["stripe_price_id"]) == ("For a start", "price_1")
    assert (begun["credits"], begun["price_euro_cents"], begun["currency"]) == (500, 499, "eur")


def test_beginning_moves_nothing(db: Connection, api: Api, package: Row) -> None:
    call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    assert balance(db, "u1") == 0


def test_later_price_does_not_change_a_purchase(owner: Owner, api: Api, package: Row) -> None:
    begun = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    owner.execute("update credits.packages set price_euro_cents = 1, credits = 1, name = 'Tiny'")
    row = purchase_row(owner, begun["purchase_id"])
    assert (row["credits"], row["price_euro_cents"]) == (500, 499)


def test_each_call_is_a_purchase_of_its_own(api: Api, package: Row) -> None:
    begun = [
        call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])["purchase_id"]
        for _ in range(2)
    ]
    assert begun[0] != begun[1]


def test_stripe_customer_is_told_if_there_is_one(api: Api, package: Row) -> None:
    first = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    call(api, "credits.save_stripe_customer", user_id="u1", stripe_customer_id="cus_1")
    second = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    assert (first["stripe_customer_id"], second["stripe_customer_id"]) == (None, "cus_1")


def test_unknown_package_is_refused(db: Connection, api: Api, package: Row) -> None:
    unknown = uuid4()
    with refused(db, "UC006") as refusal:
        call(api, "credits.begin_purchase", user_id="u1", package_id=unknown)
    assert refusal.details == {"packageId": str(unknown)}


def test_package_that_is_no_longer_sold_is_refused(db: Connection, owner: Owner, api: Api) -> None:
    package = add_package(owner, active=False)
    with refused(db, "UC006"):
        call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])


@pytest.mark.parametrize("user_id", ["", "x" * 129, "a\nb", None])
def test_what_cannot_be_a_user_is_refused(
    db: Connection, api: Api, package: Row, user_id: str | None
) -> None:
    with refused(db, "UC001") as refusal:
        call(api, "credits.begin_purchase", user_id=user_id, package_id=package["id"])
    assert list(refusal.details) == ["userId"]
