"""Entries written by hand continue their chain and have their cause, or are refused or found."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, limit, use
from tests.sql.invariants.conftest import Edit

# u1 owns 60 credits after two entries, and has spent 40.
ROW = {
    "account_id": "'u1'",
    "kind": "'person'",
    "sequence": "3",
    "id": "credits._new_id()",
    "created_at": "clock_timestamp()",
    "number": "3",
    "type": "'usage'",
    "amount": "-5",
    "available": "55",
    "reserved": "0",
    "debt": "0",
    "clawed_back": "0",
    "total_spent": "45",
    "app_id": "'chat'",
}
# g1 holds 70 after two entries, and has spent 30, u1 all of that.
POOLED = {
    **ROW,
    "account_id": "'g1'",
    "kind": "'pool'",
    "available": "65",
    "total_spent": "35",
    "other_id": "'u1'",
    "spending_day": "(select running_day from credits.entries where spent_that_day = 30)",
    "running_day": "(select running_day from credits.entries where spent_that_day = 30)",
    "spent_that_day": "35",
    "spent_that_month": "35",
}
# Entries that do not follow from the one before.
UNFIT = {
    "gap": {"sequence": "4"},
    "place that is taken": {"sequence": "2"},
    "what is available": {"available": "56"},
    "owed": {"debt": "1", "available": "56"},
    "in debt": {"amount": "-90", "available": "0", "debt": "30"},
    "below zero": {"amount": "-90", "available": "-30"},
    "spent": {"total_spent": "44"},
    "number": {"number": "4"},
    "not a number": {"amount": "'NaN'", "available": "'NaN'"},
    "time": {"created_at": "clock_timestamp() - interval '10 minutes'"},
}
# Changes that only other rows tell are found.
CAUSELESS_ROWS = {
    "held": {"available": "54", "reserved": "1"},
    "clawed back": {"clawed_back": "5"},
    "reference": {"reference_id": "'another'"},
    "purchase": {"type": "'purchase'", "reference_id": "'p'"},
    "gift": {"type": "'gift'", "reference_id": "'g'"},
    "funding": {"type": "'guild_funding'", "other_id": "'g1'", "reference_id": "'1'"},
    "expiry": {"type": "'expiry'", "reference_id": "'l'"},
    "clawback": {"type": "'clawback'", "clawed_back": "5", "reference_id": "'p'"},
    "erasure": {"type": "'erasure'"},
}
WRONG_OF_A_POOL = {
    **{name: UNFIT[name] for name in ("gap", "what is available", "spent", "number")},
    "held": {"available": "64", "reserved": "1"},
    "no day": {"spending_day": "null"},
    "running day": {"spent_that_day": "5"},
    "running month": {"spent_that_month": "5"},
    "another member": {"other_id": "'u2'"},
    "nobody": {"other_id": "null"},
}


def insert(row: dict[str, str]) -> str:
    return f"insert into credits.entries ({', '.join(row)}) values ({', '.join(row.values())})"


@pytest.mark.parametrize("row", [ROW, POOLED], ids=["person", "pool"])
def test_entry_is_refused_even_if_it_fits(
    db: Connection, owner: Owner, row: dict[str, str]
) -> None:
    with refused(db, "UC017"):
        owner.execute(insert(row))


@pytest.mark.parametrize("wrong", UNFIT.values(), ids=UNFIT)
def test_entry_that_does_not_fit_is_noticed(noticed_edit: Edit, wrong: dict[str, str]) -> None:
    noticed_edit(insert({**ROW, **wrong}))


@pytest.mark.parametrize("wrong", CAUSELESS_ROWS.values(), ids=CAUSELESS_ROWS)
def test_entry_that_nothing_caused_is_noticed(noticed_edit: Edit, wrong: dict[str, str]) -> None:
    noticed_edit(insert({**ROW, **wrong}))


@pytest.mark.parametrize("wrong", WRONG_OF_A_POOL.values(), ids=WRONG_OF_A_POOL)
def test_entry_of_a_pool_that_does_not_fit_is_noticed(
    noticed_edit: Edit, wrong: dict[str, str]
) -> None:
    changed = {"available": "66"} if wrong == UNFIT["what is available"] else {}
    noticed_edit(insert({**POOLED, **wrong, **changed}))


@pytest.mark.parametrize("account", ["u9", "erased:x", "treasurer"])
def test_entry_of_another_account_is_noticed(noticed_edit: Edit, account: str) -> None:
    noticed_edit(insert({**ROW, "account_id": f"'{account}'"}))


def test_first_entry_of_no_account_is_noticed(noticed_edit: Edit) -> None:
    first = {"sequence": "1", "number": "1", "type": "'refund'", "amount": "5"}
    after = {"account_id": "'u9'", "available": "5", "total_spent": "0"}
    noticed_edit(insert({**ROW, **first, **after}))


def test_key_that_was_used_cannot_be_used_again(db: Connection, noticed_edit: Edit) -> None:
    use(db, "u1", 5, idempotency_key="k")
    after = {"sequence": "4", "number": "4", "available": "50", "total_spent": "50"}
    assert not noticed_edit(insert({**ROW, **after, "idempotency_key": "'k'"}))


POST = "select credits._post('u1', 'person', {})"
CAUSELESS = {
    "credit from no gift": "'gift', 5",
    "charge for no gift": "'gift', -5, p_reference_id => 'nothing'",
    "credit of no redemption": "'gift', 10, p_reference_id => '{gift}'",
    "refund of an open gift": "'gift', 20, p_reference_id => '{gift}', p_reversal => true",
    "funding that reaches no pool": "'guild_funding', -5, p_other_id => 'g1'",
    "purchase that nobody made": "'purchase', 500, p_reference_id => 'nothing'",
    "refund of no usage": "'refund', 5, p_reference_id => 'nothing', p_reversal => true",
    "end of no lot": "'expiry', -5, p_reference_id => 'nothing'",
    "usage of no hold": "'usage', -5, p_reference_id => '{gift}'",
    "clawback of no purchase": "'clawback', -5, p_reference_id => 'nothing'",
}


@pytest.mark.parametrize("movement", CAUSELESS.values(), ids=CAUSELESS)
def test_movement_without_a_cause_is_found(
    noticed_edit: Edit, shared_gift: Row, movement: str
) -> None:
    found = noticed_edit(POST.format(movement.format(gift=shared_gift["id"])))
    assert found & {"entries_without_cause", "transfers_without_other_side"}


def test_funding_that_leaves_no_balance_is_found(noticed_edit: Edit) -> None:
    found = noticed_edit("select credits._post('g1', 'pool', 'funding', 5, p_other_id => 'u1')")
    assert "transfers_without_other_side" in found


def test_usage_beyond_a_limit_is_refused(db: Connection, noticed_edit: Edit) -> None:
    limit(db, "g1", "u1", daily_limit=31)
    assert not noticed_edit("select credits._post('g1', 'pool', 'usage', -2, p_other_id => 'u1')")


@pytest.mark.parametrize("edit", ["delete from {}", "truncate {} cascade"])
def test_usage_added_together_cannot_be_removed(noticed_edit: Edit, edit: str) -> None:
    noticed_edit(edit.format("credits.usage_folds"))


@pytest.mark.parametrize(
    "edit",
    [
        "delete from credits.accounts",
        "truncate credits.accounts cascade",
        "update credits.accounts set account_id = 'u9' where account_id = 'u1'",
        "update credits.accounts set kind = 'pool' where account_id = 'u1'",
    ],
)
def test_account_can_neither_leave_nor_be_renamed(noticed_edit: Edit, edit: str) -> None:
    assert not noticed_edit(edit)


@pytest.mark.parametrize(
    "edit",
    [
        "update credits.usage_folds set credits_used = credits_used + 1",
        "update credits.usage_folds set transactions_count = 7",
        "insert into credits.usage_folds values ('u1', 'images', current_date, 5, 1)",
        "update credits.usage_marks set sequence = 1",
    ],
)
def test_counter_changed_by_hand_is_noticed(noticed_edit: Edit, edit: str) -> None:
    noticed_edit(edit)
