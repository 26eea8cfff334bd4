"""credits.refund_credits of what was reserved first."""

from uuid import UUID

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import balance, give
from tests.sql.lifecycle import commit, refund, reserve


@pytest.fixture
def usage(db: Connection) -> UUID:
    """u1 had 10 credits, of which 6 were reserved and 4 of these used."""
    give(db, "u1", 10)
    committed = commit(db, reserve(db, "u1", 6), amount=4)
    return UUID(str(committed["transaction_id"]))


def test_credits_come_back(db: Connection, usage: UUID) -> None:
    assert refund(db, "u1", usage, 4)["balance"] == 10


def test_only_what_was_used_can_be_refunded(db: Connection, usage: UUID) -> None:
    with refused(db, "UC010") as refusal:
        refund(db, "u1", usage, 5)
    assert refusal.details == {"requested": 5, "refundable": 4}


def test_reservation_itself_is_no_usage(db: Connection) -> None:
    give(db, "u1", 10)
    held = reserve(db, "u1", 6)
    commit(db, held)
    with refused(db, "UC009"):
        refund(db, "u1", held["reservation_id"], 1)


def test_retry_of_the_commit_after_a_refund_returns_the_first_result(db: Connection) -> None:
    give(db, "u1", 10)
    held = reserve(db, "u1", 6)
    first = commit(db, held, amount=4)
    refund(db, "u1", first["transaction_id"], 4)
    assert commit(db, held, amount=4) == {**first, "replayed": True}
    assert balance(db, "u1") == 10
