"""credits.release_reservation."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, give, use
from tests.sql.lifecycle import commit, figures, hold_row, release, reserve


@pytest.fixture
def held(db: Connection) -> Row:
    """4 of the 10 credits of u1 are set aside."""
    return reserve(db, "u1", 4)


def test_credits_are_free_again(db: Connection, held: Row) -> None:
    answer = release(db, held)
    assert (answer["released"], answer["balance"], answer["replayed"]) == (4, 10, False)
    assert balance(db, "u1") == 10


def test_released_credits_can_be_spent(db: Connection, held: Row) -> None:
    release(db, held)
    assert use(db, "u1", 10)["balance"] == 0


def test_is_no_ledger_row_and_changes_no_total(db: Connection, owner: Owner, held: Row) -> None:
    release(db, held)
    answer = figures(db, "u1")
    assert (answer["reserved"], answer["total_earned"], answer["total_spent"]) == (0, 10, 0)
    assert len(ledger(owner, "u1")) == 1


def test_other_holds_stay(db: Connection, held: Row) -> None:
    reserve(db, "u1", 3)
    assert release(db, held)["balance"] == 7
    assert figures(db, "u1")["reserved"] == 3


def test_retry_returns_the_first_result_after_later_movements(db: Connection, held: Row) -> None:
    first = release(db, held)
    use(db, "u1", 5)
    give(db, "u1", 100)
    assert release(db, held) == {**first, "replayed": True}
    assert balance(db, "u1") == 105


def test_committed_hold_cannot_be_released(db: Connection, held: Row) -> None:
    commit(db, held, amount=1)
    with refused(db, "UC013") as refusal:
        release(db, held)
    expected = {"reservationId": str(held["reservation_id"]), "status": "committed"}
    assert refusal.details == expected
    assert balance(db, "u1") == 9


def test_how_it_ended_is_kept(db: Connection, owner: Owner, held: Row) -> None:
    release(db, held)
    row = hold_row(owner, held)
    assert (row["status"], row["committed_amount"]) == ("released", 0)
    assert row["created_at"] <= row["ended_at"] < row["expires_at"]


@pytest.mark.parametrize("unknown", [uuid4(), None])
def test_unknown_hold_is_not_found(db: Connection, unknown: object) -> None:
    with refused(db, "UC011") as refusal:
        release(db, {"reservation_id": unknown})
    assert list(refusal.details) == ["reservationId"]
