"""credits.use_guild_credits, apart from the limits."""

from decimal import Decimal
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import pool_balance, pool_ledger
from tests.sql.calls import balance, give, limit, pool, use, use_guild


@pytest.fixture(autouse=True)
def pool_of_ten(db: Connection) -> None:
    """The pool g1 has 10 credits."""
    pool(db, "g1", 10)


def test_debit_takes_exactly_the_amount(db: Connection, owner: Owner) -> None:
    answer = use_guild(db, "g1", "u1", Decimal("0.1"))
    assert answer["balance"] == Decimal("9.9")
    assert pool_balance(owner, "g1") == Decimal("9.9")


def test_debit_raises_total_spent_of_the_pool(db: Connection) -> None:
    answer = use_guild(db, "g1", "u1", 4)
    assert (answer["total_spent"], answer["total_funded"]) == (4, 10)


def test_members_own_balance_stays_as_it_is(db: Connection) -> None:
    give(db, "u1", 3)
    use_guild(db, "g1", "u1", 4)
    assert balance(db, "u1") == 3


def test_member_needs_no_account(db: Connection) -> None:
    assert use_guild(db, "g1", "never seen", 1)["balance"] == 9


def test_debit_is_one_ledger_row(db: Connection, owner: Owner) -> None:
    answer = use_guild(db, "g1", "u1", 4, metadata={"a": 1}, idempotency_key="k")
    rows = pool_ledger(owner, "g1")
    row = rows[-1]
    assert len(rows) == 2
    assert (row["id"], row["user_id"], row["type"]) == (answer["id"], "u1", "usage")
    assert (row["amount"], row["balance_before"], row["balance_after"]) == (-4, 10, 6)
    assert (row["app_id"], row["description"]) == ("chat", "One answer")
    assert (row["metadata"], row["idempotency_key"]) == ({"a": 1}, "k")
    assert row["called_by"] == "test_service"


def test_everything_can_be_spent(db: Connection) -> None:
    assert use_guild(db, "g1", "u1", 10)["balance"] == 0


def test_more_than_there_is_is_refused(db: Connection, owner: Owner) -> None:
    with refused(db, "UC002") as refusal:
        use_guild(db, "g1", "u1", Decimal("10.5"))
    assert refusal.details == {"required": 10.5, "available": 10}
    assert pool_balance(owner, "g1") == 10


def test_pool_that_does_not_exist_is_refused(db: Connection) -> None:
    with refused(db, "UC005") as refusal:
        use_guild(db, "g2", "u1", 1)
    assert refusal.details == {"organizationId": "g2"}


def test_pools_are_apart(db: Connection, owner: Owner) -> None:
    pool(db, "g2", 5)
    use_guild(db, "g2", "u1", 4)
    assert [pool_balance(owner, "g1"), pool_balance(owner, "g2")] == [10, 1]


def test_retry_returns_the_first_result_after_later_movements(db: Connection, owner: Owner) -> None:
    first = use_guild(db, "g1", "u1", 4, idempotency_key="k")
    use_guild(db, "g1", "u2", 3)
    again = use_guild(db, "g1", "u1", 4, idempotency_key="k")
    assert again["replayed"] is True
    assert {**again, "replayed": False} == first
    assert pool_balance(owner, "g1") == 3


def test_retry_after_the_pool_is_empty_returns_the_first_result(db: Connection) -> None:
    first = use_guild(db, "g1", "u1", 6, idempotency_key="k")
    use_guild(db, "g1", "u2", 4)
    assert use_guild(db, "g1", "u1", 6, idempotency_key="k")["id"] == first["id"]


def test_retry_after_the_limit_is_reached_returns_the_first_result(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=6, monthly_limit=6)
    first = use_guild(db, "g1", "u1", 6, idempotency_key="k")
    assert use_guild(db, "g1", "u1", 6, idempotency_key="k")["id"] == first["id"]


def test_retry_after_the_member_was_blocked_returns_the_first_result(db: Connection) -> None:
    first = use_guild(db, "g1", "u1", 6, idempotency_key="k")
    limit(db, "g1", "u1", daily_limit=0, monthly_limit=0)
    assert use_guild(db, "g1", "u1", 6, idempotency_key="k")["id"] == first["id"]


def test_retry_counts_once_against_the_limit(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=6)
    for _ in range(3):
        use_guild(db, "g1", "u1", 3, idempotency_key="k")
    assert use_guild(db, "g1", "u1", 3)["balance"] == 4


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 2},
        {"app_id": "images"},
        {"description": "Another answer"},
        {"metadata": {"a": 1}},
        {"user_id": "u2"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_key_with_another_parameter_is_refused(db: Connection, change: dict[str, Any]) -> None:
    use_guild(db, "g1", "u1", 1, idempotency_key="k")
    with refused(db, "UC004") as refusal:
        use_guild(
            db,
            "g1",
            **{"user_id": "u1", "amount": 1, "idempotency_key": "k", **change},
        )
    assert refusal.details == {"idempotencyKey": "k"}


def test_key_is_not_that_of_the_members_own_account(db: Connection) -> None:
    give(db, "u1", 5)
    use(db, "u1", 1, idempotency_key="k")
    assert use_guild(db, "g1", "u1", 1, idempotency_key="k")["replayed"] is False


def test_keys_of_two_guilds_are_independent(db: Connection) -> None:
    pool(db, "g2", 5)
    use_guild(db, "g1", "u1", 1, idempotency_key="k")
    assert use_guild(db, "g2", "u1", 1, idempotency_key="k")["replayed"] is False


def test_invalid_request_is_reported_before_a_missing_pool(db: Connection) -> None:
    with refused(db, "UC001"):
        use_guild(db, "g2", "u1", 0)


def test_reused_key_is_reported_before_a_limit(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=1)
    use_guild(db, "g1", "u1", 1, idempotency_key="k")
    with refused(db, "UC004"):
        use_guild(db, "g1", "u1", 2, idempotency_key="k")


def test_insufficient_credits_are_reported_before_a_limit(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=1)
    with refused(db, "UC002"):
        use_guild(db, "g1", "u1", 11)
