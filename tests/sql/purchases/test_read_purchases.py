"""credits.list_purchases: all of a user's, or one."""

from uuid import uuid4

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import Row, call, rows
from tests.sql.conftest import Api
from tests.sql.purchases.conftest import Purchase


@pytest.fixture
def begun(api: Api, package: Row) -> list[object]:
    """Ids of five purchases of u1, newest first."""
    ids = [
        call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])["purchase_id"]
        for _ in range(5)
    ]
    return ids[::-1]


def listed(api: Api, user_id: str = "u1", **paging: object) -> list[object]:
    return [row["id"] for row in rows(api, "credits.list_purchases", user_id=user_id, **paging)]


def test_purchase_is_described(api: Api, package: Row, purchase: Purchase) -> None:
    purchase.complete(stripe_payment_intent_id="pi_1")
    row = call(api, "credits.list_purchases", user_id="u1", purchase_id=purchase.id)
    assert (row["id"], row["package_id"], row["status"]) == (
        purchase.id,
        package["id"],
        "completed",
    )
    assert (row["credits"], row["price_euro_cents"], row["currency"]) == (500, 499, "eur")
    assert row["stripe_payment_intent_id"] == "pi_1"
    assert row["completed_at"] >= row["created_at"]


def test_list_describes_a_purchase_in_the_same_way(api: Api, purchase: Purchase) -> None:
    alone = call(api, "credits.list_purchases", user_id="u1", purchase_id=purchase.id)
    assert rows(api, "credits.list_purchases", user_id="u1") == [alone]


@pytest.mark.parametrize("user_id", ["u2", "", None])
def test_purchase_of_another_user_is_not_found(
    db: Connection, api: Api, purchase: Purchase, user_id: str | None
) -> None:
    with refused(db, "UC007") as refusal:
        call(api, "credits.list_purchases", user_id=user_id, purchase_id=purchase.id)
    assert refusal.details == {"purchaseId": str(purchase.id)}


def test_purchase_that_nobody_began_is_not_found(db: Connection, api: Api) -> None:
    with refused(db, "UC007"):
        call(api, "credits.list_purchases", user_id="u1", purchase_id=uuid4())


def test_newest_comes_first(api: Api, begun: list[object]) -> None:
    assert listed(api) == begun


def test_nobody_sees_the_purchases_of_others(api: Api, begun: list[object]) -> None:
    assert listed(api, "u2") == []


def test_pages_are_cut(api: Api, begun: list[object]) -> None:
    assert listed(api, limit=2) == begun[:2]
    assert listed(api, limit=2, offset=3) == begun[3:]
    assert listed(api, limit=2, cursor=begun[1]) == begun[2:4]
