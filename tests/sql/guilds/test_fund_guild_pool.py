"""credits.fund_guild_pool."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_pool, ledger, pool_balance, pool_ledger
from tests.sql.calls import balance, call, fund, give, use, use_guild


@pytest.fixture(autouse=True)
def funder_and_pool(db: Connection) -> None:
    """The user u1 has 10 credits, the pool g1 none."""
    give(db, "u1", 10)
    call(db, "credits.init_guild_pool", organization_id="g1")


def test_credits_leave_the_funder_and_reach_the_pool(db: Connection, owner: Owner) -> None:
    answer = fund(db, "u1", "g1", Decimal("2.5"))
    assert (balance(db, "u1"), pool_balance(owner, "g1")) == (Decimal("7.5"), Decimal("2.5"))
    assert (answer["balance"], answer["pool_balance"]) == (Decimal("7.5"), Decimal("2.5"))


def test_funding_raises_total_spent_and_total_funded(db: Connection) -> None:
    fund(db, "u1", "g1", 2)
    answer = fund(db, "u1", "g1", 3)
    assert (answer["total_spent"], answer["pool_total_funded"]) == (5, 5)


def test_both_ledgers_have_their_row(db: Connection, owner: Owner) -> None:
    answer = fund(db, "u1", "g1", 3, description="For us", metadata={"a": 1})
    own, pooled = ledger(owner, "u1")[-1], pool_ledger(owner, "g1")[-1]
    assert (own["type"], own["amount"], own["guild_id"]) == ("guild_funding", -3, "g1")
    assert (pooled["type"], pooled["amount"], pooled["user_id"]) == ("funding", 3, "u1")
    assert (answer["id"], answer["pool_transaction_id"]) == (own["id"], pooled["id"])
    assert (own["description"], own["metadata"]) == ("For us", {"a": 1})
    assert (pooled["description"], pooled["metadata"]) == ("For us", {"a": 1})


def test_both_rows_keep_who_called(db: Connection, owner: Owner) -> None:
    fund(db, "u1", "g1", 3)
    callers = {ledger(owner, "u1")[-1]["called_by"], pool_ledger(owner, "g1")[-1]["called_by"]}
    assert callers == {"test_service"}


def test_funding_is_not_a_members_spending(db: Connection) -> None:
    fund(db, "u1", "g1", 3)
    answer = call(db, "credits.get_spending", organization_id="g1", user_id="u1")
    assert answer["spent_today"] == 0


def test_more_than_the_funder_has_is_refused(db: Connection, owner: Owner) -> None:
    with refused(db, "UC002") as refusal:
        fund(db, "u1", "g1", 11)
    assert refusal.details == {"required": 11, "available": 10}
    assert [balance(db, "u1"), pool_balance(owner, "g1")] == [10, 0]


def test_funder_never_seen_has_nothing_to_give(db: Connection) -> None:
    with refused(db, "UC002") as refusal:
        fund(db, "nobody", "g1", 1)
    assert refusal.details == {"required": 1, "available": 0}


def test_pool_that_does_not_exist_is_refused(db: Connection) -> None:
    with refused(db, "UC005") as refusal:
        fund(db, "u1", "g2", 1)
    assert refusal.details == {"organizationId": "g2"}


def test_retry_returns_the_first_result_after_later_movements(db: Connection, owner: Owner) -> None:
    first = fund(db, "u1", "g1", 6, idempotency_key="k")
    fund(db, "u1", "g1", 1)
    use_guild(db, "g1", "u2", 5)
    use(db, "u1", 3)
    again = fund(db, "u1", "g1", 6, idempotency_key="k")
    assert again["replayed"] is True
    assert {**again, "replayed": False} == first
    assert [balance(db, "u1"), pool_balance(owner, "g1")] == [0, 2]


@pytest.mark.parametrize(
    "change",
    [{"amount": 2}, {"organization_id": "g2"}, {"description": "More"}, {"metadata": {"a": 1}}],
    ids=lambda change: next(iter(change)),
)
def test_key_with_another_parameter_is_refused(db: Connection, change: dict[str, object]) -> None:
    call(db, "credits.init_guild_pool", organization_id="g2")
    arguments = {"user_id": "u1", "organization_id": "g1", "amount": 1, "idempotency_key": "k"}
    call(db, "credits.fund_guild_pool", **arguments)
    with refused(db, "UC004"):
        call(db, "credits.fund_guild_pool", **{**arguments, **change})


def test_key_of_a_debit_is_refused(db: Connection) -> None:
    use(db, "u1", 1, description="Guild pool funding", idempotency_key="k")
    with refused(db, "UC004"):
        fund(db, "u1", "g1", 1, idempotency_key="k")


def test_keys_of_two_funders_are_independent(db: Connection) -> None:
    give(db, "u2", 5)
    fund(db, "u1", "g1", 1, idempotency_key="k")
    assert fund(db, "u2", "g1", 1, idempotency_key="k")["replayed"] is False


def test_key_of_a_funding_is_not_one_of_the_pool(db: Connection) -> None:
    fund(db, "u1", "g1", 5, idempotency_key="k")
    assert use_guild(db, "g1", "u1", 5, idempotency_key="k")["replayed"] is False


def test_pool_that_would_grow_too_large_is_refused(db: Connection, owner: Owner) -> None:
    fill_pool(owner, "g1")
    with refused(db, "UC008") as refusal:
        fund(db, "u1", "g1", 1)
    assert refusal.details["amount"] == 1
    assert balance(db, "u1") == 10


def test_invalid_amount_is_reported_before_a_missing_pool(db: Connection) -> None:
    with refused(db, "UC001"):
        fund(db, "u1", "g2", 0)


def test_what_cannot_be_a_user_is_reported_before_a_missing_pool(db: Connection) -> None:
    with refused(db, "UC001") as refusal:
        fund(db, "", "g2", 1)
    assert list(refusal.details) == ["userId"]


def test_missing_pool_is_reported_before_a_reused_key(db: Connection) -> None:
    fund(db, "u1", "g1", 1, idempotency_key="k")
    with refused(db, "UC005"):
        fund(db, "u1", "g2", 1, idempotency_key="k")


def test_reused_key_is_reported_before_insufficient_credits(db: Connection) -> None:
    fund(db, "u1", "g1", 1, idempotency_key="k")
    with refused(db, "UC004"):
        fund(db, "u1", "g1", 100, idempotency_key="k")
