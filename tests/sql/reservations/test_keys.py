"""One key is one operation of an account, be it a hold or a movement."""

from collections.abc import Callable

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import Row, fund, gift, give, redeem, use, use_guild
from tests.sql.lifecycle import reserve

Move = Callable[[Connection], Row]

PERSONAL: dict[str, Move] = {
    "use_credits": lambda db: use(db, "u1", 1, idempotency_key="k"),
    "refund_credits": lambda db: give(db, "u1", 1, idempotency_key="k"),
    "fund_guild_pool": lambda db: fund(db, "u1", "g1", 1, idempotency_key="k"),
    "create_gift": lambda db: gift(db, "u1", 1, idempotency_key="k"),
    "redeem_gift": lambda db: redeem(
        db, gift(db, "treasurer", 5)["code"], "u1", idempotency_key="k"
    ),
}


@pytest.fixture(autouse=True)
def rich_treasurer(db: Connection) -> None:
    """The treasurer of the pool has 10 credits more."""
    give(db, "treasurer", 10)


@pytest.mark.parametrize("operation", PERSONAL)
def test_key_of_a_hold_is_refused_to_a_movement(db: Connection, operation: str) -> None:
    reserve(db, "u1", 1, idempotency_key="k")
    with refused(db, "UC004") as refusal:
        PERSONAL[operation](db)
    assert refusal.details == {"idempotencyKey": "k"}


@pytest.mark.parametrize("operation", PERSONAL)
def test_key_of_a_movement_is_refused_to_a_hold(db: Connection, operation: str) -> None:
    PERSONAL[operation](db)
    with refused(db, "UC004") as refusal:
        reserve(db, "u1", 1, idempotency_key="k")
    assert refusal.details == {"idempotencyKey": "k"}


def test_key_of_a_pools_hold_is_refused_to_its_usage(db: Connection) -> None:
    reserve(db, "u1", 1, guild_id="g1", idempotency_key="k")
    with refused(db, "UC004"):
        use_guild(db, "g1", "u1", 1, idempotency_key="k")


def test_key_of_a_pools_usage_is_refused_to_a_hold(db: Connection) -> None:
    use_guild(db, "g1", "u1", 1, idempotency_key="k")
    with refused(db, "UC004"):
        reserve(db, "u1", 1, guild_id="g1", idempotency_key="k")


def test_another_members_key_is_refused(db: Connection) -> None:
    reserve(db, "u1", 1, guild_id="g1", idempotency_key="k")
    with refused(db, "UC004"):
        reserve(db, "u2", 1, guild_id="g1", idempotency_key="k")


def test_keys_of_two_users_are_independent(db: Connection) -> None:
    give(db, "u2", 10)
    first = reserve(db, "u1", 1, idempotency_key="k")
    second = reserve(db, "u2", 1, idempotency_key="k")
    assert second["replayed"] is False
    assert second["reservation_id"] != first["reservation_id"]


def test_keys_of_a_user_and_a_pool_are_independent(db: Connection) -> None:
    use(db, "u1", 1, idempotency_key="k")
    assert reserve(db, "u1", 1, guild_id="g1", idempotency_key="k")["replayed"] is False


def test_key_of_a_guild_is_not_the_key_of_a_user_with_its_name(db: Connection) -> None:
    give(db, "g1", 10)
    reserve(db, "u1", 1, guild_id="g1", idempotency_key="k")
    assert reserve(db, "g1", 1, idempotency_key="k")["replayed"] is False
    with refused(db, "UC004"):
        use(db, "g1", 1, idempotency_key="k")


def test_holds_without_a_key_are_two(db: Connection) -> None:
    first, second = reserve(db, "u1", 1), reserve(db, "u1", 1)
    assert first["reservation_id"] != second["reservation_id"]
