"""Balances and pools at the most that they can hold, parts of which are set aside."""

from decimal import Decimal

from tests.databases import Connection, Owner, refused
from tests.sql.books import fill_balance, fill_pool, pool_balance
from tests.sql.calls import balance, fund, give
from tests.sql.lifecycle import release, reserve

MOST = Decimal("999999999999.999999")


def test_what_is_held_counts_towards_the_most_a_balance_can_hold(
    db: Connection, owner: Owner
) -> None:
    fill_balance(owner, "u1")
    reserve(db, "u1", 10)
    with refused(db, "UC008") as refusal:
        give(db, "u1", 1)
    assert refusal.details["amount"] == 1


def test_full_balance_gets_back_what_is_released(db: Connection, owner: Owner) -> None:
    fill_balance(owner, "u1")
    assert release(db, reserve(db, "u1", 10))["balance"] == balance(db, "u1") == MOST


def test_what_is_held_counts_towards_the_most_a_pool_can_hold(db: Connection, owner: Owner) -> None:
    fill_pool(owner, "g1")
    reserve(db, "u1", 10, guild_id="g1")
    with refused(db, "UC008") as refusal:
        fund(db, "u1", "g1", 1)
    assert refusal.details["amount"] == 1


def test_full_pool_gets_back_what_is_released(db: Connection, owner: Owner) -> None:
    fill_pool(owner, "g1")
    release(db, reserve(db, "u1", 10, guild_id="g1"))
    assert pool_balance(owner, "g1") == MOST
