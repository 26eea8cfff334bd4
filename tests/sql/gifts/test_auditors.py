"""A code is money to whoever has it, so auditors see none."""

import psycopg
import pytest

from databases import Connection
from sql.calls import gift, redeem


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("gifts.gift_codes", "code"),
        ("gifts.gift_codes", "short_url"),
        ("gifts.gift_redemptions", "code"),
    ],
)
def test_auditor_sees_gifts_and_redemptions_without_their_codes(
    db: Connection, table: str, column: str
) -> None:
    redeem(db, gift(db, "creator", 10, type="split", total_portions=2)["code"], "u1")
    db.execute("reset session authorization")
    db.execute("set local role credits_auditor")
    assert db.execute(f"select status from {table}").fetchall()
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
        db.execute(f"select {column} from {table}")
    db.execute("reset role")
