"""A completed purchase is credited once and stays as it is."""

import pytest

from databases import Connection
from sql.calls import Row, give
from sql.invariants.conftest import Edit

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
    ],
)
def test_completed_purchase_cannot_be_changed(
    refused_edit: Edit, paid_purchase: Row, change: str
) -> None:
    refused_edit(f"update credits.purchases set {change}")


@pytest.mark.parametrize("edit", ["delete from {}", "truncate {}"])
def test_purchases_cannot_be_removed(refused_edit: Edit, paid_purchase: Row, edit: str) -> None:
    refused_edit(edit.format("credits.purchases"))


def test_purchase_cannot_be_completed_without_a_credit(refused_edit: Edit) -> None:
    refused_edit(
        f"""
        {COMPLETED} values (
            'u1', credits._new_id(), gen_random_uuid(), 'Free', 500, 499, 'completed',
            gen_random_uuid(), now()
        )
        """
    )


def test_purchase_cannot_be_completed_by_a_credit_for_something_else(
    db: Connection, refused_edit: Edit
) -> None:
    credit = give(db, "u1", 500)["id"]
    refused_edit(
        f"""
        {COMPLETED} values (
            'u1', credits._new_id(), gen_random_uuid(), 'Free', 500, 499, 'completed', %s, now()
        )
        """,
        (credit,),
    )


def test_second_purchase_cannot_be_completed_by_one_credit(
    refused_edit: Edit, paid_purchase: Row
) -> None:
    refused_edit(
        f"""
        {COMPLETED}
        select user_id, credits._new_id(), package_id, package_name, credits, price_euro_cents,
            status, transaction_id, completed_at
        from credits.purchases
        """
    )


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_purchase_that_is_not_completed_has_no_credit(
    refused_edit: Edit, paid_purchase: Row, status: str
) -> None:
    refused_edit(
        f"""
        {COMPLETED}
        select user_id, credits._new_id(), package_id, package_name, credits, price_euro_cents,
            '{status}', transaction_id, null
        from credits.purchases
        """
    )


def test_purchase_cannot_be_credited_twice(refused_edit: Edit, paid_purchase: Row) -> None:
    refused_edit(
        """
        select credits._post_transaction(
            b, 'purchase', 500, 'Again', p_reference_id => %s
        )
        from credits.balances b where user_id = 'u1'
        """,
        (str(paid_purchase["purchase_id"]),),
    )
