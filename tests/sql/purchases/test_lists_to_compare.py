"""The lists to compare with Stripe come in pages, whatever happens to their rows meanwhile."""

from collections.abc import Callable

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import Row, call, rows
from tests.sql.conftest import Api
from tests.sql.lifecycle import Payments

Made = Callable[[Api, Payments], Row]


def listed(api: Api, name: str, limit: int, **arguments: object) -> list[list[Row]]:
    """Return all pages of a list."""
    pages: list[list[Row]] = []
    cursor = None
    while page := rows(api, f"credits.{name}", cursor=cursor, limit=limit, **arguments):
        pages.append(page)
        cursor = page[-1]["purchase_id"]
    return pages


@pytest.fixture
def payments(owner: Owner, api: Api) -> Payments:
    return Payments.for_a_package(owner, api)


def processing(api: Api, payments: Payments) -> Row:
    begun = payments.begin("u1")
    call(
        api,
        "credits.fail_purchase",
        user_id="u1",
        purchase_id=begun["purchase_id"],
        status="processing",
    )
    return begun


def refunded(api: Api, payments: Payments) -> Row:
    bought = payments.buy("u1")
    call(
        api,
        "credits.attach_payment",
        user_id="u1",
        purchase_id=bought["purchase_id"],
        stripe_payment_intent_id=f"pi_{bought['purchase_id']}",
    )
    payments.refunded(bought, 100)
    return bought


def disputed(api: Api, payments: Payments) -> Row:
    bought = payments.buy("u1")
    payments.disputed(bought, "open", 100)
    return bought


TO_COMPARE = "list_purchases_to_compare"
UNSETTLED = {"what": "unsettled"}
LISTS: list[tuple[str, dict[str, str], Made]] = [
    (TO_COMPARE, UNSETTLED, processing),
    (TO_COMPARE, {"what": "refunded"}, refunded),
    (
        TO_COMPARE,
        {"what": "completed", "since": "2020-01-01"},
        lambda api, payments: payments.buy("u1"),
    ),
    ("list_open_disputes", {}, disputed),
]


@pytest.mark.parametrize(("name", "arguments", "make"), LISTS)
def test_pages_together_are_the_whole_list(
    api: Api, payments: Payments, name: str, arguments: dict[str, str], make: Made
) -> None:
    made = [make(api, payments)["purchase_id"] for _ in range(5)]
    pages = listed(api, name, 2, **arguments)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row["purchase_id"] for page in pages for row in page] == made
    assert listed(api, name, 5, **arguments) == [[row for page in pages for row in page]]


def test_row_that_is_settled_meanwhile_hides_none(
    db: Connection, api: Api, payments: Payments
) -> None:
    first, second = (processing(api, payments) for _ in range(2))
    [row] = rows(api, f"credits.{TO_COMPARE}", **UNSETTLED, limit=1)
    assert row["purchase_id"] == first["purchase_id"]
    payments.complete(first)
    [row] = rows(api, f"credits.{TO_COMPARE}", **UNSETTLED, cursor=row["purchase_id"], limit=1)
    assert row["purchase_id"] == second["purchase_id"]


def test_disputes_about_one_purchase_are_on_one_page(api: Api, payments: Payments) -> None:
    bought = payments.buy("u1")
    for dispute in ("dp_1", "dp_2"):
        payments.disputed(bought, "open", 100, dispute)
    disputed(api, payments)
    assert [len(page) for page in listed(api, "list_open_disputes", 1)] == [2, 1]
