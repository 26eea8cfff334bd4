"""A ledger row written by hand must continue the chain of its account."""

from uuid import UUID

import pytest

from databases import Owner
from sql.books import ledger, pool_ledger
from sql.calls import balance
from sql.invariants.conftest import Edit

ID = ("'f0000000-0000-7000-8000-000000000001'", "'f0000000-0000-7000-8000-000000000002'")
OWN = """
    insert into credits.transactions (
        user_id, id, type, amount, balance_before, balance_after, reserved_after, total_spent_after,
        created_at, completed_at
    )
"""
POOLED = """
    insert into credits.guild_transactions (
        organization_id, id, user_id, type, amount, balance_before, balance_after, reserved_after,
        total_spent_after, spending_day, created_at
    )
"""

# now() stands still since the test began, before the rows that are there.
NOW = "clock_timestamp()"


def test_row_that_continues_the_chain_moves_the_balance(owner: Owner) -> None:
    owner.execute(
        f"{OWN} values ('u1', credits._new_id(), 'refund', 5, 60, 65, 0, 40, {NOW}, {NOW})"
    )
    assert balance(owner, "u1") == 65


@pytest.mark.parametrize(
    "figures",
    [
        "5, 0, 5, 0, 40",
        "5, 59, 64, 0, 40",
        "5, 60, 66, 0, 40",
        "5, 60, 65, 0, 35",
        "5, 60, 65, 0, 45",
        "5, 60, 65, 1, 40",
        "-5, 60, 55, 0, 40",
        "-61, 60, -1, 0, 101",
        "0, 60, 60, 0, 40",
        "'NaN', 60, 'NaN', 0, 40",
    ],
)
def test_row_that_does_not_fit_is_refused(refused_edit: Edit, figures: str) -> None:
    refused_edit(f"{OWN} values ('u1', credits._new_id(), 'refund', {figures}, now(), now())")


@pytest.mark.parametrize(
    "figures",
    [
        "-5, 0, -5, 0, 35",
        "-5, 100, 95, 0, 35",
        "-5, 70, 66, 0, 35",
        "-5, 70, 65, 0, 30",
        "-5, 70, 65, 1, 35",
        "-71, 70, -1, 0, 101",
        "0, 70, 70, 0, 30",
    ],
)
def test_row_of_a_pool_that_does_not_fit_is_refused(refused_edit: Edit, figures: str) -> None:
    refused_edit(
        f"{POOLED} values ('g1', credits._new_id(), 'u1', 'usage', {figures}, current_date, now())"
    )


def test_row_for_an_account_that_does_not_exist_is_refused(refused_edit: Edit) -> None:
    refused_edit(f"{OWN} values ('u9', credits._new_id(), 'refund', 5, 0, 5, 0, 0, now(), now())")


def test_row_for_a_pool_that_does_not_exist_is_refused(refused_edit: Edit) -> None:
    refused_edit(
        f"{POOLED} values ('g9', credits._new_id(), 'u1', 'funding', 5, 0, 5, 0, 0, null, now())"
    )


def test_row_in_the_middle_of_the_chain_is_refused(owner: Owner, refused_edit: Edit) -> None:
    first, second = (row["id"].int for row in ledger(owner, "u1"))
    between = UUID(int=(first + second) // 2)
    refused_edit(f"{OWN} values ('u1', %s, 'refund', 5, 60, 65, 0, 40, now(), now())", (between,))


def test_two_rows_at_once_are_refused(refused_edit: Edit) -> None:
    refused_edit(
        f"""
        {OWN} values
            ('u1', {ID[0]}, 'refund', 5, 60, 65, 0, 40, now(), now()),
            ('u1', {ID[1]}, 'refund', 5, 65, 70, 0, 40, now(), now())
        """
    )


def test_the_same_row_twice_at_once_is_refused(refused_edit: Edit) -> None:
    refused_edit(
        f"""
        {OWN} values
            ('u1', {ID[0]}, 'refund', 5, 60, 65, 0, 40, now(), now()),
            ('u1', {ID[1]}, 'refund', 5, 60, 65, 0, 40, now(), now())
        """
    )


def test_two_rows_of_a_pool_at_once_are_refused(refused_edit: Edit) -> None:
    refused_edit(
        f"""
        {POOLED} values
            ('g1', {ID[0]}, 'u1', 'usage', -5, 70, 65, 0, 35,
                current_date, now()),
            ('g1', {ID[1]}, 'u1', 'usage', -5, 65, 60, 0, 40,
                current_date, now())
        """
    )


def test_row_copied_from_another_account_is_refused(refused_edit: Edit) -> None:
    refused_edit(
        f"""
        {OWN}
        select 'treasurer', id, type, amount, balance_before, balance_after, reserved_after,
            total_spent_after, created_at, completed_at
        from credits.transactions where user_id = 'u1'
        """
    )


def test_key_that_was_used_cannot_be_used_by_hand(owner: Owner, refused_edit: Edit) -> None:
    keyed = OWN.replace("user_id,", "idempotency_key, user_id,")
    owner.execute(
        f"{keyed} values ('k', 'u1', credits._new_id(), 'refund', 5, 60, 65, 0, 40, {NOW}, {NOW})"
    )
    refused_edit(
        f"{keyed} values ('k', 'u1', credits._new_id(), 'refund', 5, 65, 70, 0, 40, {NOW}, {NOW})"
    )


def test_pool_has_no_usage_without_a_day(owner: Owner, refused_edit: Edit) -> None:
    assert len(pool_ledger(owner, "g1")) == 2
    refused_edit(
        f"{POOLED} values ('g1', credits._new_id(), 'u1', 'usage', -5, 70, 65, 0, 35, null, now())"
    )


@pytest.mark.parametrize("kind", ["usage", "expiry", "erasure", "guild_funding"])
def test_what_goes_out_cannot_come_in(refused_edit: Edit, kind: str) -> None:
    refused_edit(
        f"{OWN} values ('u1', credits._new_id(), '{kind}', 5, 60, 65, 0, 40, now(), now())"
    )


@pytest.mark.parametrize("kind", ["refund", "grant", "purchase"])
def test_what_comes_in_cannot_go_out(refused_edit: Edit, kind: str) -> None:
    refused_edit(
        f"{OWN} values ('u1', credits._new_id(), '{kind}', -5, 60, 55, 0, 45, now(), now())"
    )


@pytest.mark.parametrize(
    "identity", ["ffffffff-ffff-7fff-bfff-ffffffffffff", "ffffffff-ffff-4fff-bfff-ffffffffffff"]
)
def test_id_that_ends_the_order_is_refused(refused_edit: Edit, identity: str) -> None:
    refused_edit(f"{OWN} values ('u1', '{identity}', 'refund', 5, 60, 65, 0, 40, now(), now())")


KEYED = "(user_id, type, amount, idempotency_key) values ('u1', 'refund', 5, 'k')"
GRANTED = "(user_id, type, amount, reference_id) values ('u1', 'grant', 5, 'r')"
POOL_KEYED = (
    "(organization_id, user_id, type, amount, spending_day, app_id, idempotency_key)"
    " values ('g1', 'u1', 'usage', -5, credits._limits_day(), 'chat', 'k')"
)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("credits.transactions", KEYED),
        ("credits.transactions", GRANTED),
        ("credits.guild_transactions", POOL_KEYED),
    ],
    ids=["key", "grant", "key of a pool"],
)
def test_row_that_is_there_cannot_be_skipped_over(
    owner: Owner, refused_edit: Edit, table: str, row: str
) -> None:
    """The balance would have moved, and no row would tell why."""
    owner.execute(f"insert into {table} {row}")
    refused_edit(f"insert into {table} {row} on conflict do nothing")
