"""Ledger rows are never changed or deleted, by anyone."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import seal
from tests.sql.calls import Row
from tests.sql.invariants.conftest import Edit
from tests.sql.lifecycle import HOUR, grant, reserve

LEDGERS = ["credits.entries", "credits.seals", "credits.lot_movements", "gifts.gift_redemptions"]
EDITS = {
    "credits.entries": [
        "amount = amount + 1",
        "available = available + 1",
        "description = 'Something else'",
        "account_id = 'u9'",
        "other_id = 'u9'",
        "type = 'grant'",
        "created_at = now()",
        "due_after = null, ends_at = now()",
        "sequence = sequence + 100",
        "idempotency_key = 'k'",
        "called_by = 'somebody else'",
        "spent_that_day = 0",
    ],
    "credits.seals": ["hash = sha256('another')", "account_id = 'u9'", "created_at = now()"],
    "credits.lot_movements": ["amount = amount + 1", "cause_id = id", "created_at = now()"],
    "gifts.gift_redemptions": [
        "credits_received = credits_received + 1",
        "redeemer_user_id = 'u9'",
        "status = 'failed_depleted'",
        "source_app_id = 'chat'",
    ],
}


@pytest.fixture(autouse=True)
def rows_everywhere(db: Connection, owner: Owner, shared_gift: Row) -> None:
    """Every ledger has rows, and seals."""
    grant(db, "u1", 10, expires_in=HOUR)
    reserve(db, "u1", 5)
    seal(owner)


@pytest.mark.parametrize(
    ("ledger", "change"), [(ledger, change) for ledger in EDITS for change in EDITS[ledger]]
)
def test_row_cannot_be_changed(noticed_edit: Edit, ledger: str, change: str) -> None:
    assert not noticed_edit(f"update {ledger} set {change}")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_row_cannot_be_deleted(noticed_edit: Edit, ledger: str) -> None:
    assert not noticed_edit(f"delete from {ledger}")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_ledger_cannot_be_truncated(noticed_edit: Edit, ledger: str) -> None:
    assert not noticed_edit(f"truncate {ledger} cascade")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_row_cannot_be_merged_into(noticed_edit: Edit, ledger: str) -> None:
    assert not noticed_edit(
        f"""
        merge into {ledger} t using (select 1) as once on true
        when matched then update set created_at = now()
        """
    )


@pytest.mark.parametrize("ledger", LEDGERS)
def test_owner_of_the_table_cannot_either(owner: Owner, noticed_edit: Edit, ledger: str) -> None:
    owner.execute("set local role credits_owner")
    assert not noticed_edit(f"delete from {ledger}")
