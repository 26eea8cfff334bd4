"""Holds on a pool, and what they do to its members' limits."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger, pool_balance, pool_ledger
from tests.sql.calls import Row, balance, call, give, limit, use_guild
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    commit,
    expire_due,
    hold_row,
    let_hold_run_out,
    refund,
    release,
    reserve,
    spending,
)
from tests.sql.moments import Clock


def hold(db: Connection, amount: object = 40, **more: object) -> Row:
    return reserve(db, "u1", amount, guild_id="g1", app_id="chat", **more)


def pool_figures(api: Api) -> list[Decimal]:
    answer = call(api, "credits.get_guild_balance", organization_id="g1")
    return [answer[name] for name in ("balance", "reserved", "total_funded", "total_spent")]


@pytest.fixture
def overdue(db: Connection, owner: Owner) -> Row:
    """40 of the 100 credits of g1 were set aside for u1 for a time that is over."""
    held = hold(db)
    let_hold_run_out(owner, held)
    return held


def test_reserved_credits_leave_the_pool_at_once(db: Connection, api: Api) -> None:
    assert hold(db)["balance"] == 60
    assert pool_figures(api) == [60, 40, 100, 0]


def test_members_own_balance_is_not_touched(db: Connection, owner: Owner) -> None:
    hold(db)
    assert balance(db, "u1") == 10
    assert len(ledger(owner, "u1")) == 1


def test_member_needs_no_account(db: Connection) -> None:
    assert reserve(db, "somebody", 1, guild_id="g1")["balance"] == 99


def test_reserved_credits_cannot_be_used(db: Connection) -> None:
    hold(db)
    with refused(db, "UC002") as refusal:
        use_guild(db, "g1", "u2", 61)
    assert refusal.details == {"required": 61, "available": 60}


def test_more_than_the_pool_has_cannot_be_reserved(db: Connection) -> None:
    with refused(db, "UC002") as refusal:
        hold(db, 101)
    assert refusal.details == {"required": 101, "available": 100}


def test_missing_pool_is_not_found(db: Connection) -> None:
    with refused(db, "UC005") as refusal:
        reserve(db, "u1", 1, guild_id="g9")
    assert refusal.details == {"organizationId": "g9"}


def test_commit_is_one_row_of_the_pools_ledger(db: Connection, owner: Owner) -> None:
    held = hold(db)
    use_guild(db, "g1", "u2", 10)
    answer = commit(db, held, amount=30, metadata={"tokens": 7})
    row = pool_ledger(owner, "g1")[-1]
    assert (answer["transaction_id"], answer["balance"]) == (row["id"], 60)
    assert (row["type"], row["amount"], row["user_id"], row["app_id"]) == (
        "usage",
        -30,
        "u1",
        "chat",
    )
    assert (row["balance_before"], row["balance_after"]) == (90, 60)
    assert (row["metadata"], row["description"]) == ({"tokens": 7}, "A long answer")
    assert row["reference_id"] == str(held["reservation_id"])


def test_commit_frees_the_rest(db: Connection, api: Api) -> None:
    answer = commit(db, hold(db), amount=30)
    assert (answer["committed"], answer["released"]) == (30, 10)
    assert pool_figures(api) == [70, 0, 100, 30]


def test_retry_of_a_commit_returns_the_first_result(db: Connection) -> None:
    held = hold(db)
    first = commit(db, held, amount=30)
    use_guild(db, "g1", "u2", 10)
    assert commit(db, held, amount=30) == {**first, "replayed": True}


def test_release_gives_the_pool_its_credits_back(db: Connection, api: Api) -> None:
    held = hold(db)
    assert (release(db, held)["released"], pool_figures(api)) == (40, [100, 0, 100, 0])


def test_retry_of_a_release_returns_the_first_result(db: Connection) -> None:
    held = hold(db)
    first = release(db, held)
    use_guild(db, "g1", "u2", 10)
    assert release(db, held) == {**first, "replayed": True}


def test_retry_of_a_hold_returns_the_first_answer(db: Connection) -> None:
    first = hold(db, idempotency_key="k")
    use_guild(db, "g1", "u2", 60)
    assert hold(db, idempotency_key="k") == {**first, "replayed": True}


def test_hold_counts_as_spent(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=50, monthly_limit=80)
    hold(db)
    answer = spending(db, "g1", "u1")
    names = ("spent_today", "spent_this_month", "daily_remaining", "monthly_remaining")
    assert [answer[name] for name in names] == [40, 40, 10, 40]


def test_commit_counts_what_was_used_only(db: Connection) -> None:
    commit(db, hold(db), amount=30)
    assert spending(db, "g1", "u1")["spent_today"] == 30


def test_release_counts_nothing(db: Connection) -> None:
    release(db, hold(db))
    assert spending(db, "g1", "u1")["spent_today"] == 0


@pytest.mark.parametrize("window", ["daily", "monthly"])
def test_hold_above_a_limit_is_refused(db: Connection, window: str) -> None:
    limit(db, "g1", "u1", **{f"{window}_limit": 50})
    use_guild(db, "g1", "u1", 20)
    with refused(db, "UC003") as refusal:
        hold(db, 31)
    expected = {"window": window, "limit": 50, "spent": 20, "requested": 31}
    assert {name: refusal.details[name] for name in expected} == expected


def test_usage_above_a_limit_is_refused_because_of_a_hold(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=50)
    hold(db)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 11)
    assert refusal.details["spent"] == 40


def test_hold_of_one_member_does_not_count_for_another(db: Connection) -> None:
    limit(db, "g1", "u2", daily_limit=50)
    hold(db)
    assert use_guild(db, "g1", "u2", 50)["balance"] == 10


def test_limit_that_was_lowered_does_not_hinder_a_commit(db: Connection) -> None:
    held = hold(db)
    limit(db, "g1", "u1", daily_limit=0)
    assert commit(db, held)["committed"] == 40


def test_pool_without_credits_is_reported_before_a_limit(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=50)
    with refused(db, "UC002"):
        hold(db, 101)


def test_pool_has_the_credits_at_the_moment_at_which_the_time_is_over(
    db: Connection, api: Api, clock: Clock
) -> None:
    held = hold(db, expires_in_seconds=1)
    assert pool_figures(api) == [60, 40, 100, 0]
    clock.move_to(held["expires_at"])
    assert pool_figures(api) == [100, 0, 100, 0]


def test_limit_is_free_at_the_moment_at_which_the_time_is_over(
    db: Connection, clock: Clock
) -> None:
    limit(db, "g1", "u1", daily_limit=40)
    held = hold(db, expires_in_seconds=1)
    with refused(db, "UC003"):
        use_guild(db, "g1", "u1", 40)
    clock.move_to(held["expires_at"])
    assert use_guild(db, "g1", "u1", 40)["balance"] == 60


def test_past_its_time_the_pool_shows_the_credits(api: Api, overdue: Row) -> None:
    assert pool_figures(api) == [100, 0, 100, 0]


def test_past_its_time_opening_the_pool_again_shows_the_credits(
    db: Connection, overdue: Row
) -> None:
    answer = call(db, "credits.init_guild_pool", organization_id="g1")
    assert (answer["balance"], answer["reserved"]) == (100, 0)


def test_past_its_time_the_credits_can_be_used(db: Connection, overdue: Row) -> None:
    assert use_guild(db, "g1", "u2", 100)["balance"] == 0


def test_past_its_time_the_credits_can_be_reserved(db: Connection, overdue: Row) -> None:
    assert hold(db, 100)["balance"] == 0


def test_past_its_time_it_does_not_count_as_spent(db: Connection, overdue: Row) -> None:
    assert spending(db, "g1", "u1")["spent_today"] == 0


def test_past_its_time_it_leaves_the_whole_limit(db: Connection, overdue: Row) -> None:
    limit(db, "g1", "u1", daily_limit=50)
    assert use_guild(db, "g1", "u1", 50)["balance"] == 50


def test_past_its_time_releasing_it_returns_the_first_result_again(
    db: Connection, overdue: Row
) -> None:
    first = release(db, overdue)
    assert (first["released"], first["balance"]) == (0, 100)
    use_guild(db, "g1", "u2", 10)
    assert release(db, overdue) == {**first, "replayed": True}


def test_hold_counts_for_the_day_on_which_it_was_made(db: Connection, owner: Owner) -> None:
    owner.execute("update credits.settings set limits_time_zone = 'Etc/GMT+12'")
    held = hold(db)
    owner.execute("update credits.settings set limits_time_zone = 'Pacific/Kiritimati'")
    commit(db, held)
    (day,) = {row["spending_day"] for row in pool_ledger(owner, "g1")} - {None}
    assert hold_row(owner, held)["spending_day"] == day
    assert spending(db, "g1", "u1")["spent_today"] == 0


def test_refund_of_a_commit_counts_for_the_day_of_the_hold(db: Connection, owner: Owner) -> None:
    owner.execute("update credits.settings set limits_time_zone = 'Etc/GMT+12'")
    committed = commit(db, hold(db))
    owner.execute("update credits.settings set limits_time_zone = 'Pacific/Kiritimati'")
    refund(db, "u1", committed["transaction_id"], 40)
    owner.execute("update credits.settings set limits_time_zone = 'Etc/GMT+12'")
    assert spending(db, "g1", "u1")["spent_today"] == 0
    assert pool_balance(owner, "g1") == 100


def test_pool_named_like_a_user_does_not_hold_the_users_credits(
    db: Connection, api: Api, owner: Owner
) -> None:
    give(db, "g1", 10)
    held = hold(db)
    assert balance(db, "g1") == 10
    let_hold_run_out(owner, held)
    expire_due(api)
    assert balance(db, "g1") == 10
    assert pool_balance(owner, "g1") == 100
