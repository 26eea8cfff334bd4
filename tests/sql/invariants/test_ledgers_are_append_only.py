"""Ledger rows are never changed or deleted, by anyone."""

import pytest

from databases import Connection, Owner
from sql.books import seal
from sql.calls import Row
from sql.invariants.conftest import Edit

LEDGERS = [
    "credits.transactions",
    "credits.guild_transactions",
    "credits.seals",
    "credits.guild_seals",
    "gifts.gift_redemptions",
]
EDITS = {
    "credits.transactions": [
        "amount = amount",
        "description = 'Something else'",
        "metadata = '{}'",
        "user_id = 'u9'",
        "type = 'grant'",
        "created_at = now()",
        "idempotency_key = 'k'",
        "called_by = 'somebody else'",
    ],
    "credits.guild_transactions": [
        "amount = amount",
        "description = 'Something else'",
        "user_id = 'u9'",
        "organization_id = 'g9'",
        "spending_day = spending_day - 1",
        "created_at = now()",
    ],
    "credits.seals": ["hash = sha256('another')", "user_id = 'u9'", "created_at = now()"],
    "credits.guild_seals": ["hash = sha256('another')", "sequence = 99", "created_at = now()"],
    "gifts.gift_redemptions": [
        "credits_received = credits_received",
        "redeemer_user_id = 'u9'",
        "status = 'failed_depleted'",
        "source_app_id = 'chat'",
    ],
}


@pytest.fixture(autouse=True)
def rows_everywhere(owner: Owner, shared_gift: Row) -> None:
    """Every ledger has rows, and seals."""
    seal(owner)


@pytest.mark.parametrize(
    ("ledger", "change"), [(ledger, change) for ledger in EDITS for change in EDITS[ledger]]
)
def test_row_cannot_be_changed(refused_edit: Edit, ledger: str, change: str) -> None:
    refused_edit(f"update {ledger} set {change}")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_row_cannot_be_deleted(refused_edit: Edit, ledger: str) -> None:
    refused_edit(f"delete from {ledger}")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_ledger_cannot_be_truncated(refused_edit: Edit, ledger: str) -> None:
    refused_edit(f"truncate {ledger} cascade")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_row_cannot_be_merged_into(owner: Owner, refused_edit: Edit, ledger: str) -> None:
    refused_edit(
        f"""
        merge into {ledger} t using (select 1) as once on true
        when matched then update set created_at = now()
        """
    )


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize(
    "edit", ["update {} set created_at = now()", "delete from {}", "truncate {} cascade"]
)
def test_session_that_switches_triggers_off_cannot_either(
    db: Connection, owner: Owner, refused_edit: Edit, ledger: str, edit: str
) -> None:
    owner.execute("set local session_replication_role = replica")
    refused_edit(edit.format(ledger))
    owner.execute("set local session_replication_role = origin")


@pytest.mark.parametrize("ledger", LEDGERS)
def test_owner_of_the_table_cannot_either(owner: Owner, refused_edit: Edit, ledger: str) -> None:
    owner.execute("set local role credits_owner")
    refused_edit(f"delete from {ledger}")
