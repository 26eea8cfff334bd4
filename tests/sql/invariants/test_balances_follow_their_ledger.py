"""Balances, pools and counters follow their ledger and are never written directly."""

import pytest

from databases import Connection, Owner
from sql.invariants.conftest import Edit
from sql.lifecycle import reserve


@pytest.mark.parametrize(
    "change",
    [
        "balance = balance + 1",
        "balance = balance + 1, total_earned = total_earned + 1",
        "balance = balance - 1, total_spent = total_spent + 1",
        "balance = balance - 1, reserved = reserved + 1",
        "total_earned = total_earned + 1, total_spent = total_spent + 1",
        "balance = -1, total_earned = 39",
        "version = version + 1",
        "last_transaction_id = gen_random_uuid()",
        "user_id = 'u9'",
    ],
)
def test_balance_cannot_be_changed(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.balances set {change} where user_id = 'u1'")


@pytest.mark.parametrize(
    "change",
    [
        "balance = balance + 1",
        "balance = balance + 1, total_funded = total_funded + 1",
        "balance = balance - 1, total_spent = total_spent + 1",
        "balance = balance - 1, reserved = reserved + 1",
        "total_funded = total_funded + 1, total_spent = total_spent + 1",
        "version = version + 1",
        "organization_id = 'g9'",
    ],
)
def test_pool_cannot_be_changed(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.guild_pools set {change} where organization_id = 'g1'")


@pytest.mark.parametrize(
    "values",
    [
        "('u9', 5, 5, 0, 0, 0)",
        "('u9', 5, 5, 0, 0, 1)",
        "('u9', 0, 5, 5, 0, 0)",
        "('u9', 0, 5, 0, 5, 0)",
        "('u9', 0, 0, 0, 0, 1)",
        "('u9', -5, 0, 5, 0, 1)",
    ],
)
@pytest.mark.parametrize(
    "table",
    [
        "credits.balances (user_id, balance, total_earned, total_spent, reserved, version)",
        "credits.guild_pools "
        "(organization_id, balance, total_funded, total_spent, reserved, version)",
    ],
    ids=["balances", "pools"],
)
def test_account_cannot_be_opened_with_anything_in_it(
    refused_edit: Edit, table: str, values: str
) -> None:
    refused_edit(f"insert into {table} values {values}")


@pytest.mark.parametrize(
    ("column", "value"),
    [("clawed_back", "5"), ("reservations_count", "1"), ("next_expiry", "now()")],
)
def test_account_cannot_be_opened_with_a_past(refused_edit: Edit, column: str, value: str) -> None:
    refused_edit(f"insert into credits.balances (user_id, {column}) values ('u9', {value})")


def test_account_cannot_be_opened_with_a_foreign_ledger_row(
    owner: Owner, refused_edit: Edit
) -> None:
    refused_edit(
        """
        insert into credits.balances (user_id, balance, total_earned, version, last_transaction_id)
        select 'u9', balance, balance, version, last_transaction_id
        from credits.balances where user_id = 'u1'
        """
    )


FOLLOWERS = [
    "credits.balances",
    "credits.guild_pools",
    "credits.guild_member_spending",
    "credits.usage_folds",
    "credits.usage_marks",
]


@pytest.mark.parametrize("table", FOLLOWERS)
def test_account_cannot_be_deleted(refused_edit: Edit, table: str) -> None:
    refused_edit(f"delete from {table}")


@pytest.mark.parametrize("table", FOLLOWERS)
def test_table_cannot_be_truncated(refused_edit: Edit, table: str) -> None:
    refused_edit(f"truncate {table}")


@pytest.mark.parametrize(
    "edit",
    [
        "update credits.guild_member_spending set spent = 0",
        "update credits.guild_member_spending set day = day - 1",
        "insert into credits.guild_member_spending values ('g1', 'u2', current_date, 5)",
        "update credits.usage_folds set credits_used = credits_used + 1",
        "update credits.usage_folds set transactions_count = 7",
        "insert into credits.usage_folds values ('u1', 'images', current_date, 5, 1)",
        "update credits.usage_marks set last_id = gen_random_uuid()",
    ],
)
def test_counter_cannot_be_changed(refused_edit: Edit, edit: str) -> None:
    refused_edit(edit)


def test_counter_of_what_is_held_cannot_be_given_to_somebody_else(
    db: Connection, refused_edit: Edit
) -> None:
    reserve(db, "u2", 5, guild_id="g1")
    refused_edit("update credits.guild_member_spending set user_id = 'u9' where user_id = 'u2'")
