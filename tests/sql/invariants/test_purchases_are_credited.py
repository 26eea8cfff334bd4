"""A completed purchase is credited once and stays as it is."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import add_package
from tests.sql.calls import Row, call, give
from tests.sql.conftest import Api
from tests.sql.invariants.conftest import Edit

COMPLETED = """
    insert into credits.purchases (
        user_id, id, package_id, package_name, credits, price_euro_cents, status, transaction_id,
        completed_at
    )
"""


@pytest.mark.parametrize(
    "change",
    [
        "status = 'pending'",
        "status = 'failed', transaction_id = null, completed_at = null",
        "status = 'pending', transaction_id = null, completed_at = null",
        "transaction_id = null",
        "completed_at = null",
        "credits = 1000",
        "price_euro_cents = 1",
        "currency = 'usd'",
        "id = gen_random_uuid()",
        "package_id = gen_random_uuid()",
        "user_id = 'u2'",
        "stripe_payment_intent_id = 'pi_another'",
        "stripe_payment_intent_id = null",
        "clawed_back_credits = 1",
        "refunded_cents = 499",
    ],
)
def test_completed_purchase_cannot_be_changed(
    noticed_edit: Edit, paid_purchase: Row, change: str
) -> None:
    noticed_edit(f"update credits.purchases set {change}")


@pytest.mark.parametrize("edit", ["delete from {}", "truncate {}"])
def test_purchases_cannot_be_removed(noticed_edit: Edit, paid_purchase: Row, edit: str) -> None:
    noticed_edit(edit.format("credits.purchases"))


def test_purchase_cannot_be_completed_without_a_credit(noticed_edit: Edit) -> None:
    noticed_edit(
        f"""
        {COMPLETED} values (
            'u1', credits._new_id(), gen_random_uuid(), 'Free', 500, 499, 'completed',
            gen_random_uuid(), now()
        )
        """
    )


def test_purchase_cannot_be_completed_by_a_credit_for_something_else(
    db: Connection, noticed_edit: Edit
) -> None:
    credit = give(db, "u1", 500)["id"]
    noticed_edit(
        f"""
        {COMPLETED} values (
            'u1', credits._new_id(), gen_random_uuid(), 'Free', 500, 499, 'completed', %s, now()
        )
        """,
        (credit,),
    )


def test_second_purchase_cannot_be_completed_by_one_credit(
    noticed_edit: Edit, paid_purchase: Row
) -> None:
    noticed_edit(
        f"""
        {COMPLETED}
        select user_id, credits._new_id(), package_id, package_name, credits, price_euro_cents,
            status, transaction_id, completed_at
        from credits.purchases
        """
    )


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_purchase_that_is_not_completed_has_no_credit(
    noticed_edit: Edit, paid_purchase: Row, status: str
) -> None:
    noticed_edit(
        f"""
        {COMPLETED}
        select user_id, credits._new_id(), package_id, package_name, credits, price_euro_cents,
            '{status}', transaction_id, null
        from credits.purchases
        """
    )


def test_purchase_cannot_be_credited_twice(noticed_edit: Edit, paid_purchase: Row) -> None:
    noticed_edit(
        "select credits._post('u1', 'person', 'purchase', 500, p_reference_id => %s)",
        (str(paid_purchase["purchase_id"]),),
    )


def test_open_purchase_cannot_be_given_to_another(
    api: Api, owner: Owner, noticed_edit: Edit
) -> None:
    package = add_package(owner)
    call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    for change in ("user_id = 'u2'", "credits = 5000", "price_euro_cents = 1"):
        assert not noticed_edit(f"update credits.purchases set {change}")
