"""credits.fail_purchase."""

from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import purchase_row
from tests.sql.calls import balance
from tests.sql.purchases.conftest import Purchase


@pytest.mark.parametrize("status", ["processing", "failed", "cancelled"])
def test_status_is_noted(owner: Owner, purchase: Purchase, status: str) -> None:
    assert purchase.fail(status, reason="card_declined") == "updated"
    row = purchase_row(owner, purchase.id)
    assert (row["status"], row["failure_reason"]) == (status, "card_declined")


@pytest.mark.parametrize("status", ["processing", "failed", "cancelled"])
def test_noting_twice_changes_nothing(owner: Owner, purchase: Purchase, status: str) -> None:
    purchase.fail(status, reason="first")
    assert purchase.fail(status, reason="second") == "unchanged"
    assert purchase_row(owner, purchase.id)["failure_reason"] == "first"


@pytest.mark.parametrize("status", ["processing", "failed", "cancelled"])
def test_completed_purchase_stays_completed(
    db: Connection, owner: Owner, purchase: Purchase, status: str
) -> None:
    purchase.complete()
    assert purchase.fail(status) == "unchanged"
    assert purchase_row(owner, purchase.id)["status"] == "completed"
    assert balance(db, "u1") == 500


@pytest.mark.parametrize("status", ["processing", "failed"])
def test_what_was_cancelled_stays_so(owner: Owner, purchase: Purchase, status: str) -> None:
    purchase.fail("cancelled")
    assert purchase.fail(status) == "unchanged"
    assert purchase_row(owner, purchase.id)["status"] == "cancelled"


def test_what_was_refused_may_be_tried_again(owner: Owner, purchase: Purchase) -> None:
    for status in ("failed", "processing", "failed"):
        assert purchase.fail(status) == "updated"
        assert purchase_row(owner, purchase.id)["status"] == status


@pytest.mark.parametrize("status", ["completed", "pending", "", "Failed", None])
def test_any_other_status_is_refused(
    db: Connection, purchase: Purchase, status: str | None
) -> None:
    with refused(db, "UC001") as refusal:
        purchase.fail(status)
    assert list(refusal.details) == ["status"]


def test_purchase_of_another_user_is_unknown(owner: Owner, purchase: Purchase) -> None:
    assert purchase.fail("failed", user_id="u2") == "unknown_purchase"
    assert purchase_row(owner, purchase.id)["status"] == "pending"


def test_purchase_that_nobody_began_is_unknown(purchase: Purchase) -> None:
    assert purchase.fail("failed", purchase_id=uuid4()) == "unknown_purchase"
