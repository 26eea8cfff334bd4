"""credits.refund_credits of a usage of a pool."""

from typing import Any
from uuid import UUID

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_pool, ledger, pool_balance, pool_ledger
from tests.sql.calls import balance, call, fund, give, limit, pool, use, use_guild
from tests.sql.conftest import Api
from tests.sql.lifecycle import HOUR, commit, refund, reserve, spending
from tests.sql.moments import Clock


@pytest.fixture
def usage(db: Connection) -> UUID:
    """The pool g1 had 100 credits, of which its member u1 used 40."""
    pool(db, "g1", 100)
    return UUID(str(use_guild(db, "g1", "u1", 40)["id"]))


def test_credits_go_back_to_the_pool(db: Connection, owner: Owner, usage: UUID) -> None:
    answer = refund(db, "u1", usage, 40)
    assert (answer["guild_id"], answer["amount"], answer["balance"]) == ("g1", 40, 100)
    assert pool_balance(owner, "g1") == 100


def test_members_own_balance_is_not_touched(db: Connection, owner: Owner, usage: UUID) -> None:
    refund(db, "u1", usage, 40)
    assert balance(db, "u1") == 0
    assert ledger(owner, "u1") == []


def test_is_a_reversal_that_lowers_total_spent(db: Connection, api: Api, usage: UUID) -> None:
    refund(db, "u1", usage, 30)
    answer = call(api, "credits.get_guild_balance", organization_id="g1")
    assert (answer["total_funded"], answer["total_spent"]) == (100, 10)


def test_is_one_row_of_the_pools_ledger(db: Connection, owner: Owner, usage: UUID) -> None:
    answer = refund(db, "u1", usage, 30)
    row = pool_ledger(owner, "g1")[-1]
    assert (row["id"], row["type"], row["amount"]) == (answer["id"], "refund", 30)
    assert (row["user_id"], row["reference_id"], row["reversal"]) == ("u1", str(usage), True)


def test_counted_spending_goes_down(db: Connection, usage: UUID) -> None:
    refund(db, "u1", usage, 30)
    answer = spending(db, "g1", "u1")
    assert (answer["spent_today"], answer["spent_this_month"]) == (10, 10)


def test_limit_is_free_again(db: Connection, usage: UUID) -> None:
    limit(db, "g1", "u1", daily_limit=40)
    refund(db, "u1", usage, 40)
    assert use_guild(db, "g1", "u1", 40)["balance"] == 60


def test_counts_for_the_day_of_the_usage(
    db: Connection, owner: Owner, clock: Clock, usage: UUID
) -> None:
    clock.advance(24 * HOUR)
    use_guild(db, "g1", "u1", 5)
    refund(db, "u1", usage, 40)
    assert spending(db, "g1", "u1")["spent_today"] == 5
    found = owner.execute(
        """
        select spending_day < running_day as earlier, spent_that_day from credits.entries
        where account_id = 'g1' order by sequence desc limit 1
        """
    ).fetchone()
    assert found == {"earlier": True, "spent_that_day": 5}


def test_several_parts_are_allowed_up_to_what_was_used(db: Connection, usage: UUID) -> None:
    refund(db, "u1", usage, 15)
    refund(db, "u1", usage, 15)
    with refused(db, "UC010") as refusal:
        refund(db, "u1", usage, 11)
    assert refusal.details == {"requested": 11, "refundable": 10}


def test_what_is_held_stays_held(db: Connection, usage: UUID) -> None:
    held = reserve(db, "u1", 20, guild_id="g1")
    assert refund(db, "u1", usage, 40)["balance"] == 80
    assert commit(db, held)["balance"] == 80


def test_another_members_usage_is_not_found(db: Connection, usage: UUID) -> None:
    with refused(db, "UC009"):
        refund(db, "u2", usage, 1)


def test_funding_is_not_refunded(db: Connection, usage: UUID) -> None:
    give(db, "u1", 5)
    funding = fund(db, "u1", "g1", 5)["pool_transaction_id"]
    with refused(db, "UC009") as refusal:
        refund(db, "u1", funding, 5)
    assert refusal.details == {"transactionId": str(funding)}


def test_refund_is_not_refunded(db: Connection, usage: UUID) -> None:
    with refused(db, "UC009"):
        refund(db, "u1", refund(db, "u1", usage, 5)["id"], 5)


def test_usage_is_found_in_any_of_the_members_guilds(db: Connection, owner: Owner) -> None:
    usages = {}
    for guild in ("g1", "g2", "g3"):
        pool(db, guild, 10)
        usages[guild] = use_guild(db, guild, "u1", 4)["id"]
    assert refund(db, "u1", usages["g2"], 4)["guild_id"] == "g2"
    assert [pool_balance(owner, guild) for guild in usages] == [6, 10, 6]


def test_retry_returns_the_first_result_after_later_movements(
    db: Connection, owner: Owner, usage: UUID
) -> None:
    first = refund(db, "u1", usage, 40, idempotency_key="k")
    use_guild(db, "g1", "u1", 70)
    assert refund(db, "u1", usage, 40, idempotency_key="k") == {**first, "replayed": True}
    assert pool_balance(owner, "g1") == 30


def test_key_belongs_to_the_pool(db: Connection, usage: UUID) -> None:
    give(db, "u1", 10)
    use(db, "u1", 1, idempotency_key="k")
    assert refund(db, "u1", usage, 1, idempotency_key="k")["replayed"] is False
    with refused(db, "UC004"):
        use_guild(db, "g1", "u1", 1, idempotency_key="k")


@pytest.mark.parametrize(
    "change",
    [{"amount": 2}, {"description": "Sorry"}, {"app_id": "chat"}, {"metadata": {"a": 1}}],
    ids=lambda change: next(iter(change)),
)
def test_key_with_another_parameter_is_refused(
    db: Connection, usage: UUID, change: dict[str, Any]
) -> None:
    refund(db, "u1", usage, 1, idempotency_key="k")
    with refused(db, "UC004"):
        refund(
            db, **{"user_id": "u1", "usage": usage, "amount": 1, "idempotency_key": "k", **change}
        )


def test_key_of_a_hold_is_refused(db: Connection, usage: UUID) -> None:
    reserve(db, "u1", 1, guild_id="g1", idempotency_key="k")
    with refused(db, "UC004"):
        refund(db, "u1", usage, 1, idempotency_key="k")


def test_full_pool_refuses_it(db: Connection, owner: Owner, usage: UUID) -> None:
    fill_pool(owner, "g1")
    with refused(db, "UC008"):
        refund(db, "u1", usage, 1)
