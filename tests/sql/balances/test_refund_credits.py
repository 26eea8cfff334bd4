"""credits.refund_credits."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_balance, ledger
from tests.sql.calls import balance, give, use


def test_credits_a_user_never_seen(db: Connection) -> None:
    answer = give(db, "u1", 5)
    assert (answer["balance"], answer["total_earned"], answer["total_spent"]) == (5, 5, 0)


def test_what_comes_in_raises_total_earned_and_leaves_total_spent(db: Connection) -> None:
    give(db, "u1", 5)
    use(db, "u1", 2)
    answer = give(db, "u1", 1)
    assert (answer["total_earned"], answer["total_spent"]) == (6, 2)


def test_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    answer = give(db, "u1", 5, app_id="chat", metadata={"why": "broken answer"})
    (row,) = ledger(owner, "u1")
    assert row["id"] == answer["id"]
    assert (row["type"], row["amount"], row["balance_after"]) == ("refund", 5, 5)
    assert (row["app_id"], row["metadata"]) == ("chat", {"why": "broken answer"})
    assert row["called_by"] == "test_service"


def test_app_may_be_left_out(db: Connection) -> None:
    assert give(db, "u1", 5)["app_id"] is None


def test_retry_returns_the_first_result_after_later_movements(db: Connection) -> None:
    first = give(db, "u1", 5, idempotency_key="k")
    use(db, "u1", 5)
    again = give(db, "u1", 5, idempotency_key="k")
    assert again["replayed"] is True
    assert {**again, "replayed": False} == first
    assert balance(db, "u1") == 0


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 6},
        {"app_id": "chat"},
        {"description": "Sorry"},
        {"metadata": {"a": 1}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_key_with_another_parameter_is_refused(db: Connection, change: dict[str, object]) -> None:
    give(db, "u1", 5, idempotency_key="k")
    with refused(db, "UC004"):
        give(db, "u1", **{"amount": 5, "idempotency_key": "k", **change})


def test_key_of_a_debit_is_refused(db: Connection) -> None:
    give(db, "u1", 5)
    use(db, "u1", 1, description="Welcome", idempotency_key="k")
    with refused(db, "UC004"):
        give(db, "u1", 1, app_id="chat", idempotency_key="k")


def test_keys_of_two_users_are_independent(db: Connection) -> None:
    give(db, "u1", 5, idempotency_key="k")
    assert give(db, "u2", 5, idempotency_key="k")["replayed"] is False


def test_balance_holds_twelve_digits_before_the_point(db: Connection, owner: Owner) -> None:
    give(db, "u1", 1)
    fill_balance(owner, "u1")
    assert str(balance(db, "u1")) == "999999999999.999999"


def test_balance_that_would_grow_larger_is_refused(db: Connection, owner: Owner) -> None:
    give(db, "u1", 1)
    fill_balance(owner, "u1")
    with refused(db, "UC008") as refusal:
        give(db, "u1", 1)
    assert refusal.details["amount"] == 1


def test_reused_key_is_reported_before_a_balance_too_large(db: Connection, owner: Owner) -> None:
    give(db, "u1", 1, idempotency_key="k")
    fill_balance(owner, "u1")
    with refused(db, "UC004"):
        give(db, "u1", 2, idempotency_key="k")


def test_retry_at_a_full_balance_returns_the_first_result(db: Connection, owner: Owner) -> None:
    first = give(db, "u1", 1, idempotency_key="k")
    fill_balance(owner, "u1")
    assert give(db, "u1", 1, idempotency_key="k")["id"] == first["id"]
