"""credits.begin_purchase."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import add_package, purchase_row
from tests.sql.calls import Row, balance, call
from tests.sql.conftest import Api
from tests.sql.lifecycle import erase


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


def begin(api: Api, package: Row, **more: object) -> Row:
    arguments = {"user_id": "u1", "package_id": package["id"], "idempotency_key": "k", **more}
    return call(api, "credits.begin_purchase", **arguments)


def test_key_gives_the_same_purchase_again(owner: Owner, api: Api, package: Row) -> None:
    first = begin(api, package)
    objects = {"stripe_payment_intent_id": "pi_1", "stripe_checkout_session_id": "cs_1"}
    ours = {"user_id": "u1", "purchase_id": first["purchase_id"]}
    call(api, "credits.attach_payment", **ours, **objects)
    owner.execute("update credits.packages set active = false, credits = 1, price_euro_cents = 1")
    assert begin(api, package) == {**first, **objects, "replayed": True}


@pytest.mark.parametrize(
    "other",
    [{"success_url": "https://a.example/"}, {"cancel_url": "https://a.example/"}],
    ids=lambda other: next(iter(other)),
)
def test_key_used_with_another_address_is_refused(
    db: Connection, api: Api, package: Row, other: dict[str, object]
) -> None:
    begin(api, package)
    with refused(db, "UC004"):
        begin(api, package, **other)


def test_key_used_for_another_package_is_refused(
    db: Connection, owner: Owner, api: Api, package: Row
) -> None:
    begin(api, package)
    with refused(db, "UC004"):
        begin(api, add_package(owner))


def test_key_that_was_used_counts_before_an_unknown_package(
    db: Connection, api: Api, package: Row
) -> None:
    begin(api, package)
    with refused(db, "UC004"):
        begin(api, package, package_id=uuid4())


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_what_cannot_be_a_key_is_refused(db: Connection, api: Api, package: Row, key: str) -> None:
    with refused(db, "UC001") as refusal:
        begin(api, package, idempotency_key=key)
    assert list(refusal.details) == ["idempotencyKey"]


def test_key_is_its_users_own(api: Api, package: Row) -> None:
    assert begin(api, package)["purchase_id"] != begin(api, package, user_id="u2")["purchase_id"]


def test_key_of_an_erased_person_is_free_and_the_person_another(
    db: Connection, owner: Owner, api: Api, package: Row
) -> None:
    first = begin(api, package)
    erase(db, "u1")
    row = purchase_row(owner, first["purchase_id"])
    assert (row["idempotency_key"], row["request_digest"]) == (None, None)
    second = begin(api, package)
    assert (second["replayed"], second["first_purchase_id"]) == (False, second["purchase_id"])
    assert second["purchase_id"] != first["purchase_id"]


def test_first_purchase_is_told_of_each(api: Api, package: Row) -> None:
    first, second = (begin(api, package, idempotency_key=key) for key in ("a", "b"))
    assert first["first_purchase_id"] == second["first_purchase_id"] == first["purchase_id"]
