"""Calls of an erased person that are repeated move nothing, whoever has the same id now."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger, pool_balance, pool_ledger
from tests.sql.calls import (
    Session,
    balance,
    call,
    fund,
    gift,
    give,
    limit,
    pool,
    redeem,
    use,
    use_batch,
    use_guild,
    use_guild_batch,
)
from tests.sql.conftest import Api
from tests.sql.lifecycle import commit, erase, grant, refund, reserve, spending


@pytest.fixture
def zoe(db: Connection) -> None:
    """Zoe, who did everything once with the key `k`, each in a life of its own."""
    give(db, "friend", 100)
    pool(db, "g1", 100)


ONCE: dict[str, Callable[[Session], Any]] = {
    "grant": lambda db: grant(db, "zoe", 5, "welcome"),
    "grant with a key": lambda db: grant(db, "zoe", 5, "welcome", idempotency_key="k"),
    "refund": lambda db: give(db, "zoe", 5, idempotency_key="k"),
    "hold": lambda db: reserve(db, "zoe", 5, idempotency_key="k"),
    "hold of a pool": lambda db: reserve(db, "zoe", 5, guild_id="g1", idempotency_key="k"),
    "use": lambda db: use(db, "zoe", 5, idempotency_key="k"),
    "use of a pool": lambda db: use_guild(db, "g1", "zoe", 5, idempotency_key="k"),
    "gift": lambda db: gift(db, "zoe", 5, idempotency_key="k"),
    "funding": lambda db: fund(db, "zoe", "g1", 5, idempotency_key="k"),
}


@pytest.mark.usefixtures("zoe")
@pytest.mark.parametrize("call_once", ONCE.values(), ids=ONCE.keys())
def test_call_is_not_made_again_for_who_comes_afterwards(
    db: Connection, owner: Owner, call_once: Callable[[Session], Any]
) -> None:
    give(db, "zoe", 10)
    call_once(db)
    erase(db, "zoe")
    give(db, "zoe", 10)
    with refused(db, "UC004"):
        call_once(db)
    assert [row["amount"] for row in ledger(owner, "zoe")] == [10]
    assert pool_ledger(owner, "g1")[-1]["user_id"] != "zoe"


@pytest.mark.usefixtures("zoe")
def test_debit_is_not_made_again_in_a_batch(db: Connection, owner: Owner) -> None:
    give(db, "zoe", 10)
    item = {"user_id": "zoe", "amount": 2, "key": "k"}
    use_batch(db, item)
    use_guild_batch(db, item)
    erase(db, "zoe")
    give(db, "zoe", 10)
    for again in (use_batch, use_guild_batch):
        repeated, fresh = again(db, item, {**item, "key": "l"})
        assert (repeated["refusal"], fresh["refusal"]) == ("UC004", None)
    use(db, "zoe", 3)
    assert [row["amount"] for row in ledger(owner, "zoe")] == [10, -2, -3]


@pytest.mark.usefixtures("zoe")
@pytest.mark.parametrize("what", ["grant", "refund"])
def test_repetition_does_not_open_the_account(db: Connection, owner: Owner, what: str) -> None:
    ONCE[what](db)
    erase(db, "zoe")
    with refused(db, "UC004"):
        ONCE[what](db)
    assert owner.execute("select from credits.accounts where account_id = 'zoe'").rowcount == 0


def test_new_key_and_a_new_reference_are_a_new_persons(db: Connection) -> None:
    grant(db, "zoe", 5, "welcome", idempotency_key="k")
    erase(db, "zoe")
    assert grant(db, "zoe", 5, "welcome back", idempotency_key="l")["new_balance"] == 5
    assert give(db, "zoe", 1, idempotency_key="m")["balance"] == 6
    assert give(db, "zoe", 1, idempotency_key="m")["replayed"]


def test_keys_of_one_person_are_free_for_others(db: Connection) -> None:
    grant(db, "zoe", 5, "welcome", idempotency_key="k")
    erase(db, "zoe")
    assert grant(db, "ZOE", 5, "welcome", idempotency_key="k")["new_balance"] == 5
    assert grant(db, "ida", 5, "welcome", idempotency_key="k")["new_balance"] == 5


def test_tombstones_of_every_life_hold(db: Connection) -> None:
    for reference in ("first", "second"):
        grant(db, "zoe", 5, reference)
        erase(db, "zoe")
    give(db, "zoe", 1)
    for reference in ("first", "second"):
        with refused(db, "UC004") as refusal:
            grant(db, "zoe", 5, reference)
        assert refusal.details == {"idempotencyKey": reference}
    assert balance(db, "zoe") == 1


@pytest.mark.usefixtures("zoe")
def test_nobody_gets_a_second_portion_by_an_erasure(db: Connection) -> None:
    code = gift(db, "friend", 10, total_portions=2)["code"]
    redeem(db, code, "zoe", idempotency_key="k")
    erase(db, "zoe")
    assert redeem(db, code, "zoe")["status"] == "failed_already_claimed"
    with refused(db, "UC004"):
        give(db, "zoe", 1)
        redeem(db, code, "zoe", idempotency_key="k")
    assert redeem(db, code, "ida")["status"] == "success"


def test_own_gift_that_an_erasure_cancels_is_nobodys_portion(db: Connection) -> None:
    give(db, "zoe", 10)
    code = gift(db, "zoe", 10, total_portions=2)["code"]
    erase(db, "zoe")
    with refused(db, "UG002"):
        redeem(db, code, "zoe")


@pytest.mark.usefixtures("zoe")
def test_end_of_a_hold_and_refund_of_a_usage_move_nothing(db: Connection, owner: Owner) -> None:
    give(db, "zoe", 10)
    held, usage = reserve(db, "zoe", 3), use_guild(db, "g1", "zoe", 2)
    erase(db, "zoe")
    give(db, "zoe", 10)
    with refused(db, "UC012"):
        commit(db, held)
    with refused(db, "UC009"):
        refund(db, "zoe", usage["id"], 2)
    assert [row["amount"] for row in ledger(owner, "zoe")] == [10]


def test_large_account_leaves_tombstones_too(db: Connection, owner: Owner, api: Api) -> None:
    grant(db, "zoe", 5, "welcome")
    owner.execute(
        "select credits._request_erasure('zoe', 'erased:' || gen_random_uuid(), '{}'::bytea[])"
    )
    call(api, "credits.continue_erasure")
    with refused(db, "UC004"):
        grant(db, "zoe", 5, "welcome")


@pytest.fixture
def blocked(db: Connection) -> None:
    """Zoe, whom a guild has blocked, and who has been erased."""
    pool(db, "g1", 100)
    use_guild(db, "g1", "zoe", 1)
    limit(db, "g1", "zoe", daily_limit=0)
    erase(db, "zoe")


BLOCKED: dict[str, Callable[[Session], Any]] = {
    "use": lambda db: use_guild(db, "g1", "zoe", 1),
    "hold": lambda db: reserve(db, "zoe", 1, guild_id="g1"),
}


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize("use_of_pool", BLOCKED.values(), ids=BLOCKED.keys())
def test_who_was_blocked_stays_blocked(
    db: Connection, owner: Owner, use_of_pool: Callable[[Session], Any]
) -> None:
    before = pool_balance(owner, "g1")
    for _ in range(2):
        with refused(db, "UC003") as refusal:
            use_of_pool(db)
        assert refusal.details["limit"] == 0
    assert pool_balance(owner, "g1") == before


@pytest.mark.usefixtures("blocked")
def test_who_was_blocked_stays_blocked_in_a_batch(db: Connection) -> None:
    [outcome] = use_guild_batch(db, {"user_id": "zoe", "amount": 1})
    assert outcome["refusal"] == "UC003"


@pytest.mark.usefixtures("blocked")
def test_block_is_seen_before_the_member_moves_the_pool(db: Connection) -> None:
    assert spending(db, "g1", "zoe")["daily_remaining"] == 0
    limits = call(db, "credits.get_spending_limits", organization_id="g1", user_id="zoe")
    assert limits["daily_limit"] == 0
    would = call(db, "credits.explain_use", user_id="zoe", amount=1, app_id="chat", guild_id="g1")
    assert (would["allowed"], would["refusal"], would["passes_at"]) == (False, "UC003", None)


@pytest.mark.usefixtures("blocked")
def test_block_is_seen_once_the_member_moved_the_pool(db: Connection) -> None:
    give(db, "zoe", 10)
    fund(db, "zoe", "g1", 1)
    assert spending(db, "g1", "zoe")["daily_limit"] == 0


@pytest.mark.usefixtures("blocked")
def test_guild_lifts_the_block_by_limits_of_its_own(db: Connection) -> None:
    limit(db, "g1", "zoe", daily_limit=5)
    assert use_guild(db, "g1", "zoe", 1)["replayed"] is False


@pytest.mark.usefixtures("blocked")
def test_limit_of_another_window_lifts_no_block(db: Connection) -> None:
    assert limit(db, "g1", "zoe", monthly_limit=50)["daily_limit"] == 0
    with refused(db, "UC003"):
        use_guild(db, "g1", "zoe", 1)
    limit(db, "g1", "zoe", daily_limit=None)
    assert use_guild(db, "g1", "zoe", 1)["replayed"] is False


@pytest.mark.usefixtures("blocked")
def test_block_is_of_one_guild(db: Connection) -> None:
    pool(db, "g2", 100)
    assert use_guild(db, "g2", "zoe", 1)["replayed"] is False


def test_block_for_some_time_is_not_kept(db: Connection, owner: Owner) -> None:
    pool(db, "g1", 100)
    limit(db, "g1", "zoe", daily_limit=0)
    owner.execute("update credits.guild_spending_limits set until = now() + interval '1 day'")
    erase(db, "zoe")
    assert use_guild(db, "g1", "zoe", 1)["replayed"] is False


def test_frozen_account_is_opened_frozen(db: Connection, owner: Owner) -> None:
    change = (
        "update credits.accounts set frozen_at = {}, frozen_reason = {} where account_id = 'zoe'"
    )
    give(db, "zoe", 5)
    owner.execute(change.format("now()", "'Fraud'"))
    erase(db, "zoe")
    give(db, "zoe", 5)
    frozen = "select from credits.accounts where account_id = 'zoe' and frozen_at is not null"
    assert owner.execute(frozen).rowcount == 1
    # An account no longer frozen when it is erased again is not remembered as frozen.
    owner.execute(change.format("null", "null"))
    erase(db, "zoe")
    give(db, "zoe", 5)
    assert owner.execute(frozen).rowcount == 0


def test_account_that_will_be_opened_frozen_is_frozen_before(db: Connection) -> None:
    give(db, "zoe", 5)
    call(db, "credits.freeze_account", user_id="zoe", reason="Fraud")
    erase(db, "zoe")
    with refused(db, "UC023"):
        use(db, "zoe", 1)
    with refused(db, "UC023"):
        reserve(db, "zoe", 1)
    with refused(db, "UC023"):
        gift(db, "zoe", 1)
    [outcome] = use_batch(db, {"user_id": "zoe", "amount": 1})
    assert outcome["refusal"] == "UC023"


def test_limit_above_zero_is_no_block(db: Connection) -> None:
    pool(db, "g1", 100)
    use_guild(db, "g1", "zoe", 1)
    limit(db, "g1", "zoe", daily_limit=5)
    erase(db, "zoe")
    assert use_guild(db, "g1", "zoe", 6)["replayed"] is False
