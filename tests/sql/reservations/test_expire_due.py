"""credits.expire_due: writing down which holds ran out of time."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, call, give
from tests.sql.conftest import Api
from tests.sql.lifecycle import expire_due, hold_row, let_hold_run_out, reserve


@pytest.fixture
def held(db: Connection, owner: Owner) -> Row:
    """4 of the 10 credits of u1 were set aside for a time that is over."""
    held = reserve(db, "u1", 4)
    let_hold_run_out(owner, held)
    return held


def test_hold_is_marked_as_expired(api: Api, owner: Owner, held: Row) -> None:
    assert expire_due(api) == 1
    row = hold_row(owner, held)
    assert (row["status"], row["committed_amount"]) == ("expired", 0)
    assert row["ended_at"] >= row["expires_at"]


def test_balance_is_what_it_was_already(api: Api, db: Connection, held: Row) -> None:
    before = balance(db, "u1")
    expire_due(api)
    assert balance(db, "u1") == before == 10


def test_is_no_ledger_row(api: Api, owner: Owner, held: Row) -> None:
    expire_due(api)
    assert len(ledger(owner, "u1")) == 1


def test_pool_is_brought_up_to_date(api: Api, db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 4, guild_id="g1")
    let_hold_run_out(owner, held)
    assert expire_due(api) == 1
    assert hold_row(owner, held)["status"] == "expired"


def test_second_call_finds_nothing(api: Api, held: Row) -> None:
    expire_due(api)
    assert expire_due(api) == 0


def test_hold_whose_time_is_not_over_stays(api: Api, db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 4)
    assert expire_due(api) == 0
    assert hold_row(owner, held)["status"] == "held"


def test_no_more_accounts_than_asked_at_once(api: Api, db: Connection, owner: Owner) -> None:
    for user_id in ("u2", "u3", "u4"):
        give(db, user_id, 1)
        let_hold_run_out(owner, reserve(db, user_id, 1))
    assert [call(api, "credits.expire_due", limit=2)["expire_due"] for _ in range(3)] == [2, 1, 0]
