"""credits.find_purchase: whose purchase a payment is."""

from uuid import uuid4

import pytest

from tests.databases import Connection
from tests.sql.calls import Row, call, rows
from tests.sql.conftest import Api
from tests.sql.lifecycle import erase
from tests.sql.purchases.conftest import Purchase

NOTED = {"stripe_payment_intent_id": "pi_1", "stripe_checkout_session_id": "cs_1"}


@pytest.fixture
def noted(api: Api, purchase: Purchase) -> Purchase:
    """A purchase of u1 that knows its payment."""
    rows(api, "credits.attach_payment", user_id="u1", purchase_id=purchase.id, **NOTED)
    return purchase


@pytest.fixture
def other(api: Api, package: Row) -> object:
    """The id of a purchase of u2 that knows no payment."""
    begun = call(api, "credits.begin_purchase", user_id="u2", package_id=package["id"])
    return begun["purchase_id"]


def found(api: Api, **payment: object) -> list[object]:
    return [row["purchase_id"] for row in rows(api, "credits.find_purchase", **payment)]


@pytest.mark.parametrize("name", NOTED)
def test_payment_that_was_noted_is_found(api: Api, noted: Purchase, name: str) -> None:
    (row,) = rows(api, "credits.find_purchase", **{name: NOTED[name]})
    known = {"status": "pending", **NOTED, "reversals_version": 0}
    assert row == {"user_id": "u1", "purchase_id": noted.id, **known}


def test_both_together_are_one_purchase(api: Api, noted: Purchase) -> None:
    assert found(api, **NOTED) == [noted.id]


@pytest.mark.parametrize("name", NOTED)
def test_what_was_noted_comes_before_what_is_named(
    api: Api, noted: Purchase, other: object, name: str
) -> None:
    named = {"user_id": "u2", "purchase_id": other}
    assert found(api, **{name: NOTED[name]}, **named) == [noted.id]


def test_what_is_named_is_found_where_nothing_was_noted(
    api: Api, noted: Purchase, other: object
) -> None:
    named = {"user_id": "u2", "purchase_id": other}
    assert found(api, stripe_payment_intent_id="pi_2", **named) == [other]


def test_named_purchase_tells_which_payment_it_knows(api: Api, noted: Purchase) -> None:
    named = {"user_id": "u1", "purchase_id": noted.id}
    (row,) = rows(api, "credits.find_purchase", stripe_payment_intent_id="pi_2", **named)
    assert row["stripe_payment_intent_id"] == "pi_1"


@pytest.mark.parametrize("change", [{"user_id": "u2"}, {"user_id": None}, {"purchase_id": uuid4()}])
def test_what_is_not_named_rightly_is_not_found(
    api: Api, noted: Purchase, change: dict[str, object]
) -> None:
    named = {"user_id": "u1", "purchase_id": noted.id, **change}
    assert found(api, stripe_payment_intent_id="pi_2", **named) == []


def test_purchase_of_somebody_erased_is_found_by_its_buyers_name(
    db: Connection, api: Api, purchase: Purchase
) -> None:
    pseudonym = erase(db, "u1")["pseudonym"]
    (row,) = rows(api, "credits.find_purchase", user_id="u1", purchase_id=purchase.id)
    assert (row["user_id"], row["purchase_id"]) == (pseudonym, purchase.id)


def test_payment_of_two_purchases_is_told_with_both(
    api: Api, noted: Purchase, other: object
) -> None:
    ours = {"user_id": "u2", "purchase_id": other}
    rows(api, "credits.attach_payment", **ours, stripe_checkout_session_id="cs_2")
    told = found(api, stripe_payment_intent_id="pi_1", stripe_checkout_session_id="cs_2")
    assert sorted(told, key=str) == sorted([noted.id, other], key=str)
