"""Ledger rows written by hand with all their figures continue their chains, or are refused."""

import pytest

from databases import Owner
from sql.books import ledger
from sql.calls import balance
from sql.invariants.conftest import Edit

# u1 owns 60 credits after two rows, and has spent 40.
ROW = {
    "user_id": "'u1'",
    "id": "credits._new_id()",
    "sequence": "3",
    "type": "'usage'",
    "amount": "-5",
    "balance_before": "60",
    "balance_after": "55",
    "reserved_after": "0",
    "total_spent_after": "45",
    "app_id": "'chat'",
    "metadata": "'{}'",
    "created_at": "clock_timestamp()",
    "completed_at": "clock_timestamp()",
    "called_by": "session_user",
}
# g1 holds 70 after two rows, and has spent 30.
POOLED = {
    "organization_id": "'g1'",
    "id": "credits._new_id()",
    "sequence": "3",
    "user_id": "'u1'",
    "type": "'usage'",
    "amount": "-5",
    "balance_before": "70",
    "balance_after": "65",
    "reserved_after": "0",
    "total_spent_after": "35",
    "spending_day": "credits._limits_day()",
    "app_id": "'chat'",
    "metadata": "'{}'",
    "created_at": "clock_timestamp()",
    "called_by": "session_user",
}
WRONG = {
    "number": {"sequence": "4"},
    "figures before": {"balance_before": "61", "balance_after": "56"},
    "figures after": {"balance_after": "56"},
    "held": {"reserved_after": "1"},
    "spent": {"total_spent_after": "44"},
    "incoming": {"type": "'refund'", "amount": "5", "balance_after": "65"},
    "not a number": {"amount": "'NaN'", "balance_after": "'NaN'"},
    "id before the last": {"id": "'00000000-0000-7000-8000-000000000001'"},
    "id from the future": {"id": "'f0000000-0000-7000-8000-000000000001'"},
    "id of another version": {"id": "'01ffffff-0000-4000-8000-000000000001'"},
    "metadata": {"metadata": "'[]'"},
    "key": {"idempotency_key": "''"},
    "reference": {"reference_id": "'another'"},
    "no app": {"app_id": "null"},
}


def insert(table: str, row: dict[str, str]) -> str:
    return f"insert into {table} ({', '.join(row)}) values ({', '.join(row.values())})"


def test_row_that_continues_the_chain_moves_the_balance(owner: Owner) -> None:
    owner.execute(insert("credits.transactions", ROW))
    assert balance(owner, "u1") == 55
    assert ledger(owner, "u1")[-1]["balance_after"] == 55


def test_caller_and_time_are_not_for_the_writer_to_tell(owner: Owner) -> None:
    told = {"called_by": "'somebody else'", "created_at": "'2020-01-01'"}
    owner.execute(insert("credits.transactions", {**ROW, **told}))
    *_, before, row = ledger(owner, "u1")
    assert row["called_by"] == "postgres"
    assert row["created_at"] > before["created_at"]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_row_that_does_not_fit_is_refused(refused_edit: Edit, wrong: dict[str, str]) -> None:
    refused_edit(insert("credits.transactions", {**ROW, **wrong}))


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_row_of_a_pool_that_does_not_fit_is_refused(
    refused_edit: Edit, wrong: dict[str, str]
) -> None:
    refused_edit(insert("credits.guild_transactions", {**POOLED, **wrong}))


def test_row_for_an_account_that_does_not_exist_is_refused(refused_edit: Edit) -> None:
    refused_edit(insert("credits.transactions", {**ROW, "user_id": "'u9'"}))


def test_row_beyond_a_limit_is_refused(owner: Owner, refused_edit: Edit) -> None:
    owner.execute(
        "insert into credits.guild_spending_limits (organization_id, user_id, daily_limit)"
        " values ('g1', 'u1', 34)"
    )
    refused_edit(insert("credits.guild_transactions", POOLED))


def test_key_that_was_used_cannot_be_used_again(owner: Owner, refused_edit: Edit) -> None:
    keyed = {**ROW, "idempotency_key": "'k'"}
    owner.execute(insert("credits.transactions", keyed))
    figures = {"balance_before": "55", "balance_after": "50", "total_spent_after": "50"}
    refused_edit(insert("credits.transactions", {**keyed, **figures, "sequence": "4"}))


@pytest.mark.parametrize("posting", ["", "direct"])
def test_key_is_used_once_even_where_the_trigger_stands_back(
    owner: Owner, refused_edit: Edit, posting: str
) -> None:
    keyed = {**ROW, "idempotency_key": "'k'"}
    owner.execute(insert("credits.transactions", keyed))
    owner.execute("select set_config('credits.posting', %s, true)", (posting,))
    refused_edit(insert("credits.transactions", {**keyed, "sequence": "4"}))
