"""A gift is charged, a redemption credited: what is written by hand is refused or found."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import gift_row, run_out
from tests.sql.calls import Row, call, gift, give
from tests.sql.invariants.conftest import Edit

CHARGED = """
    insert into gifts.gift_codes (
        code, id, creator_id, total_credits, credits_per_portion, total_portions, type, expires_at,
        reservation_transaction_id, request_digest
    )
"""


def test_gift_without_a_charge_is_refused(noticed_edit: Edit) -> None:
    noticed_edit(
        f"""
        {CHARGED} values (
            'ABCDEFGHJK', credits._new_id(), 'u1', 10, 10, 1, 'simple', now() + interval '1 day',
            gen_random_uuid(), ''
        )
        """
    )


def test_gift_that_was_charged_for_something_else_is_refused(noticed_edit: Edit) -> None:
    noticed_edit(
        f"""
        {CHARGED}
        select 'ABCDEFGHJK', credits._new_id(), 'u1', 40, 40, 1, 'simple',
            now() + interval '1 day', e.id, ''
        from credits.entries e
        where e.account_id = 'u1' and e.kind = 'person' and e.type = 'usage'
        """
    )


def test_second_gift_for_one_charge_is_refused(noticed_edit: Edit, shared_gift: Row) -> None:
    noticed_edit(
        f"""
        {CHARGED}
        select 'ABCDEFGHJK', id, creator_id, total_credits, credits_per_portion, total_portions,
            type, expires_at, reservation_transaction_id, request_digest
        from gifts.gift_codes
        """
    )


@pytest.mark.parametrize(
    "change",
    [
        "total_credits = 3000, credits_per_portion = 1000",
        "total_credits = 3, credits_per_portion = 1",
        "total_portions = 4, total_credits = 40",
        "total_portions = 6, credits_per_portion = 5",
        "total_portions = 1, credits_per_portion = 30, status = 'depleted'",
        "claimed_portions = 0",
        "claimed_portions = 2",
        "claimed_portions = 3, status = 'depleted'",
        "creator_id = 'u2'",
        "id = gen_random_uuid()",
        "reservation_transaction_id = gen_random_uuid()",
        "status = 'depleted'",
        "status = 'cancelled'",
        "status = 'refunded'",
        "status = 'expired'",
        "status = 'cancelled', refunded_credits = 20",
        "status = 'cancelled', refunded_credits = 20, refund_transaction_id = gen_random_uuid()",
        "refunded_credits = 20",
    ],
)
def test_gift_cannot_be_changed_by_hand(noticed_edit: Edit, shared_gift: Row, change: str) -> None:
    noticed_edit(f"update gifts.gift_codes set {change}")


def test_gift_cannot_be_deleted(noticed_edit: Edit, db: Connection) -> None:
    gift(db, "u1", 10)
    noticed_edit("delete from gifts.gift_codes")


def test_gifts_cannot_be_truncated(noticed_edit: Edit, shared_gift: Row) -> None:
    noticed_edit("truncate gifts.gift_codes cascade")


@pytest.mark.parametrize("end", ["cancelled", "refunded"])
@pytest.mark.parametrize(
    "change",
    [
        "status = 'active'",
        "status = 'active', refunded_credits = 0",
        "status = 'active', refunded_credits = 0, refund_transaction_id = null",
        "refund_transaction_id = null",
        "refunded_credits = 10",
    ],
)
def test_gift_that_ended_cannot_be_reopened(
    db: Connection, owner: Owner, noticed_edit: Edit, shared_gift: Row, end: str, change: str
) -> None:
    if end == "refunded":
        run_out(owner, shared_gift["code"])
        call(db, "gifts.expire_gifts")
    else:
        call(db, "gifts.cancel_gift", gift_id=shared_gift["id"], creator_id="u1")
    assert gift_row(owner, shared_gift["code"])["status"] == end
    noticed_edit(f"update gifts.gift_codes set {change}")


REDEEMED = """
    insert into gifts.gift_redemptions (
        code, id, gift_code_id, redeemer_user_id, status, credits_received, portion_number,
        credit_transaction_id, created_at
    )
"""


def test_redemption_without_a_credit_is_refused(
    db: Connection, noticed_edit: Edit, shared_gift: Row
) -> None:
    noticed_edit(
        f"""
        {REDEEMED}
        select code, credits._new_id(), id, 'u3', 'success', 10, 2, gen_random_uuid(), now()
        from gifts.gift_codes
        """
    )


def test_redemption_with_a_credit_for_something_else_is_refused(
    db: Connection, noticed_edit: Edit, shared_gift: Row
) -> None:
    credit = give(db, "u3", 10)["id"]
    noticed_edit(
        f"""
        {REDEEMED}
        select code, credits._new_id(), id, 'u3', 'success', 10, 2, %s, now()
        from gifts.gift_codes
        """,
        (credit,),
    )


def test_second_redemption_for_one_credit_is_refused(noticed_edit: Edit, shared_gift: Row) -> None:
    noticed_edit(
        f"""
        {REDEEMED}
        select code, credits._new_id(), gift_code_id, redeemer_user_id, status, credits_received,
            2, credit_transaction_id, now()
        from gifts.gift_redemptions
        """
    )


@pytest.mark.parametrize(
    "values",
    [
        "'success', 0, 2, null",
        "'success', 10, null, null",
        "'failed_depleted', 10, 2, gen_random_uuid()",
        "'failed_depleted', 10, null, null",
    ],
)
def test_redemption_must_say_what_it_was(noticed_edit: Edit, shared_gift: Row, values: str) -> None:
    noticed_edit(
        f"""
        {REDEEMED}
        select code, credits._new_id(), id, 'u3', {values}, now() from gifts.gift_codes
        """
    )
