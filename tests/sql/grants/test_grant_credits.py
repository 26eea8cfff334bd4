"""credits.grant_credits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_balance, ledger
from tests.sql.calls import balance, give, use
from tests.sql.lifecycle import HOUR, expiring, figures, grant, let_grant_run_out, reserve
from tests.sql.moments import later, now


def test_credits_a_user_never_seen(db: Connection) -> None:
    answer = grant(db, "u1", 5)
    assert (answer["already_granted"], answer["new_balance"]) == (False, 5)
    assert balance(db, "u1") == 5


def test_raises_total_earned(db: Connection) -> None:
    give(db, "u1", 2)
    use(db, "u1", 2)
    grant(db, "u1", 5)
    answer = figures(db, "u1")
    assert (answer["total_earned"], answer["total_spent"]) == (7, 2)


def test_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    answer = grant(db, "u1", 5, "welcome-u1")
    (row,) = ledger(owner, "u1")
    assert row["id"] == answer["transaction_id"]
    assert (row["type"], row["amount"], row["reference_id"]) == ("grant", 5, "welcome-u1")
    assert (row["description"], row["metadata"]) == ("Bonus", {"reason": "Bonus"})


def test_description_is_kept(db: Connection, owner: Owner) -> None:
    grant(db, "u1", 5, description="Welcome to the beta")
    (row,) = ledger(owner, "u1")
    assert (row["description"], row["metadata"]) == ("Welcome to the beta", {"reason": "Bonus"})


def test_new_balance_is_what_can_be_spent(db: Connection) -> None:
    give(db, "u1", 10)
    reserve(db, "u1", 4)
    assert grant(db, "u1", 5)["new_balance"] == 11


@pytest.mark.parametrize("expires_in", [None, HOUR])
def test_second_grant_of_a_reference_returns_the_first_result(
    db: Connection, owner: Owner, expires_in: float | None
) -> None:
    first = grant(db, "u1", 5, expires_in=expires_in)
    use(db, "u1", 3)
    again = grant(db, "u1", 5, expires_in=expires_in)
    assert again == {**first, "already_granted": True}
    assert len(ledger(owner, "u1")) == 2


def test_retry_after_the_credits_expired_returns_the_first_result(
    db: Connection, owner: Owner
) -> None:
    expires_at = later(db, HOUR)
    first = grant(db, "u1", 5, expires_at=expires_at)
    let_grant_run_out(owner, first)
    again = grant(db, "u1", 5, expires_at=now(db) - timedelta(seconds=1))
    assert again == {**first, "already_granted": True}
    assert balance(db, "u1") == 0


# The reference says which grant it is: all else may be worded anew, or priced anew.
CHANGES = [
    {"amount": 6},
    {"amount": Decimal("0.000001")},
    {"reason": "Sorry"},
    {"description": "Welcome"},
    {"expires_in": HOUR},
    {"expires_in": -HOUR},
]


@pytest.mark.parametrize("key", [None, "k"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_reference_with_another_parameter_returns_the_first_result(
    db: Connection, owner: Owner, key: str | None, change: dict[str, Any]
) -> None:
    first = grant(db, "u1", 5, idempotency_key=key)
    use(db, "u1", 1)
    again = grant(db, **{"user_id": "u1", "amount": 5, "idempotency_key": key, **change})
    assert again == {**first, "already_granted": True}
    assert (len(ledger(owner, "u1")), balance(db, "u1")) == (2, 4)


def test_date_of_the_first_grant_stays(db: Connection) -> None:
    grant(db, "u1", 5, expires_in=HOUR)
    assert grant(db, "u1", 5)["already_granted"] is True
    assert expiring(db, "u1") == [5]


def test_references_of_two_users_are_independent(db: Connection) -> None:
    grant(db, "u1", 5)
    assert grant(db, "u2", 6)["already_granted"] is False


def test_reference_is_not_an_idempotency_key(db: Connection) -> None:
    give(db, "u1", 5, idempotency_key="r")
    assert grant(db, "u1", 5, "r")["already_granted"] is False


def test_repeated_key_returns_the_first_result(db: Connection, owner: Owner) -> None:
    expires_at = later(db, HOUR)
    first = grant(db, "u1", 5, expires_at=expires_at, idempotency_key="k")
    use(db, "u1", 3)
    again = grant(db, "u1", 5, expires_at=expires_at, idempotency_key="k")
    assert again == {**first, "already_granted": True}
    assert [row["idempotency_key"] for row in ledger(owner, "u1")] == ["k", None]


def test_key_of_another_reference_is_refused(db: Connection) -> None:
    grant(db, "u1", 5, idempotency_key="k")
    with refused(db, "UC004") as refusal:
        grant(db, "u1", 5, "another", idempotency_key="k")
    assert refusal.details == {"idempotencyKey": "k"}


def test_key_of_something_else_is_refused_though_the_reference_was_granted(
    db: Connection,
) -> None:
    grant(db, "u1", 5)
    use(db, "u1", 1, idempotency_key="k")
    with refused(db, "UC004"):
        grant(db, "u1", 5, idempotency_key="k")


def test_key_of_another_operation_is_refused(db: Connection) -> None:
    give(db, "u1", 5, idempotency_key="k")
    with refused(db, "UC004"):
        grant(db, "u1", 5, idempotency_key="k")


def test_key_of_a_hold_is_refused(db: Connection) -> None:
    give(db, "u1", 5)
    reserve(db, "u1", 1, idempotency_key="k")
    with refused(db, "UC004"):
        grant(db, "u1", 5, idempotency_key="k")


def test_granted_reference_is_not_granted_again_under_a_new_key(
    db: Connection, owner: Owner
) -> None:
    first = grant(db, "u1", 5, idempotency_key="k")
    again = grant(db, "u1", 5, idempotency_key="another")
    assert again == {**first, "already_granted": True}
    assert len(ledger(owner, "u1")) == 1


@pytest.mark.parametrize("seconds", [0, -1, -1e9])
def test_grant_that_would_have_expired_is_refused(db: Connection, seconds: float) -> None:
    with refused(db, "UC001") as refusal:
        grant(db, "u1", 5, expires_in=seconds)
    assert list(refusal.details) == ["expiresAt"]


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "9999-12-31 23:59:59-14"])
def test_grant_until_no_time_at_all_is_refused(db: Connection, moment: str) -> None:
    with refused(db, "UC001") as refusal:
        grant(db, "u1", 5, expires_at=moment)
    assert list(refusal.details) == ["expiresAt"]


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("userId", {"user_id": ""}),
        ("userId", {"user_id": None}),
        ("amount", {"amount": 0}),
        ("amount", {"amount": -1}),
        ("amount", {"amount": "NaN"}),
        ("amount", {"amount": Decimal("0.0000001")}),
        ("amount", {"amount": None}),
        ("reason", {"reason": ""}),
        ("reason", {"reason": None}),
        ("referenceId", {"reference_id": ""}),
        ("referenceId", {"reference_id": None}),
        ("idempotencyKey", {"idempotency_key": ""}),
        ("idempotencyKey", {"idempotency_key": "x" * 256}),
        ("referenceId", {"reference_id": "x" * 256}),
    ],
)
def test_what_cannot_be_is_refused(db: Connection, field: str, arguments: dict[str, Any]) -> None:
    with refused(db, "UC001") as refusal:
        grant(db, **{"user_id": "u1", "amount": 5, **arguments})
    assert list(refusal.details) == [field]


def test_balance_that_would_grow_too_large_is_refused(db: Connection, owner: Owner) -> None:
    give(db, "u1", 1)
    fill_balance(owner, "u1")
    with refused(db, "UC008"):
        grant(db, "u1", 5)


def test_retry_at_a_full_balance_returns_the_first_result(db: Connection, owner: Owner) -> None:
    first = grant(db, "u1", 5)
    fill_balance(owner, "u1")
    assert grant(db, "u1", 5) == {**first, "already_granted": True}
