"""Credits are neither made nor lost inside: a movement written by hand has its other side."""

from databases import Connection, Owner
from sql.calls import Row, limit
from sql.invariants.conftest import Edit

POST = "select credits._post_transaction(b, {}) from credits.balances b where user_id = 'u1'"
POST_POOLED = """
    select credits._post_guild_transaction(p, {})
    from credits.guild_pools p where organization_id = 'g1'
"""


def test_credit_from_no_gift_is_refused(refused_edit: Edit) -> None:
    refused_edit(POST.format("'gift', 5, 'From nowhere'"))


def test_charge_for_no_gift_is_refused(refused_edit: Edit) -> None:
    refused_edit(POST.format("'gift', -5, 'To nowhere', p_reference_id => 'nothing'"))


def test_credit_from_a_gift_without_a_redemption_is_refused(
    refused_edit: Edit, shared_gift: Row
) -> None:
    reference = shared_gift["id"]
    refused_edit(POST.format(f"'gift', 10, 'A portion', p_reference_id => '{reference}'"))


def test_refund_of_a_gift_that_is_still_open_is_refused(
    refused_edit: Edit, shared_gift: Row
) -> None:
    reference = shared_gift["id"]
    refused_edit(
        POST.format(f"'gift', 20, 'Back', p_reference_id => '{reference}', p_reversal => true")
    )


def test_funding_that_reaches_no_pool_is_refused(refused_edit: Edit) -> None:
    refused_edit(POST.format("'guild_funding', -5, 'To nowhere', p_guild_id => 'g1'"))


def test_funding_that_leaves_no_balance_is_refused(refused_edit: Edit) -> None:
    refused_edit(POST_POOLED.format("'u1', 'funding', 5, 'From nowhere'"))


def test_credit_of_a_purchase_that_nobody_made_is_refused(refused_edit: Edit) -> None:
    refused_edit(POST.format("'purchase', 500, 'Free', p_reference_id => 'nothing'"))


def test_usage_above_a_limit_is_refused(db: Connection, owner: Owner, refused_edit: Edit) -> None:
    limit(db, "g1", "u1", daily_limit=31)
    refused_edit(
        POST_POOLED.format(
            "'u1', 'usage', -2, 'Too much', 'chat', p_spending_day => credits._limits_day()"
        )
    )
