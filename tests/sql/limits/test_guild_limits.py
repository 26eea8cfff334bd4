"""Limits of a pool's members: for all of them, by week, without any, and for a while."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, call, fund, give, limit, pool, use_guild, use_guild_batch
from tests.sql.lifecycle import commit, refund, release, reserve, spending
from tests.sql.limits.calls import set_default
from tests.sql.moments import Clock, later, noon


@pytest.fixture(autouse=True)
def pool_of_hundred(db: Connection) -> None:
    """The pool g1 has 100 credits."""
    pool(db, "g1", 100)


def refusal_of(db: Connection, amount: object, user_id: str = "u1") -> tuple[str, str]:
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", user_id, amount)
    return refusal.details["scope"], refusal.details["window"]


def own_of(db: Connection, user_id: str = "u1") -> Row:
    return call(db, "credits.get_spending_limits", organization_id="g1", user_id=user_id)


def test_pool_has_no_limits_unless_some_are_set(db: Connection) -> None:
    answer = call(db, "credits.get_guild_limits", organization_id="g1")
    assert set(answer.values()) == {None}


def test_limits_for_all_members_stay_or_go_as_told(db: Connection) -> None:
    assert set_default(db, "g1", daily=1, weekly=2, monthly=3)["weekly_limit"] == 2
    answer = set_default(db, "g1", daily=None, monthly=4)
    assert answer == {"daily_limit": None, "weekly_limit": 2, "monthly_limit": 4}
    assert call(db, "credits.get_guild_limits", organization_id="g1") == answer


def test_pool_has_to_be_there(db: Connection) -> None:
    with refused(db, "UC005"):
        set_default(db, "g2", daily=1)
    with refused(db, "UC005"):
        call(db, "credits.get_guild_limits", organization_id="g2")


@pytest.mark.parametrize("window", ["daily", "weekly", "monthly"])
@pytest.mark.parametrize("value", [-1, "0.0000001", "NaN", 10**9])
def test_what_is_no_limit_is_refused(db: Connection, window: str, value: object) -> None:
    with refused(db, "UC001") as refusal:
        set_default(db, "g1", **{window: value})
    assert list(refusal.details) == [f"{window}Limit"]
    with refused(db, "UC001") as refusal:
        limit(db, "g1", "u1", **{f"{window}_limit": value})
    assert list(refusal.details) == [f"{window}Limit"]


def test_new_member_cannot_empty_the_pool(db: Connection) -> None:
    set_default(db, "g1", daily=10)
    assert refusal_of(db, 11) == ("default", "daily")
    use_guild(db, "g1", "u1", 10)
    assert refusal_of(db, 1) == ("default", "daily")
    use_guild(db, "g1", "u2", 10)


def test_what_members_spent_before_counts(db: Connection) -> None:
    use_guild(db, "g1", "u1", 5)
    set_default(db, "g1", weekly=7)
    assert refusal_of(db, 3) == ("default", "weekly")
    assert spending(db, "g1", "u1")["weekly_remaining"] == 2


def test_fundings_do_not_count(db: Connection) -> None:
    set_default(db, "g1", daily=5)
    give(db, "u1", 50)
    fund(db, "u1", "g1", 50)
    assert spending(db, "g1", "u1")["spent_today"] == 0
    use_guild(db, "g1", "u1", 5)


def test_limit_of_a_members_own_goes_before_that_for_all(db: Connection) -> None:
    set_default(db, "g1", daily=10, weekly=20)
    limit(db, "g1", "u1", daily_limit=15)
    use_guild(db, "g1", "u1", 12)
    assert refusal_of(db, 4) == ("member", "daily")
    assert refusal_of(db, 9) == ("member", "daily")
    use_guild(db, "g1", "u1", 3)
    limit(db, "g1", "u1", daily_limit=100)
    assert refusal_of(db, 6) == ("default", "weekly")


def test_unlimited_member_has_no_limits_at_all(db: Connection) -> None:
    set_default(db, "g1", daily=10)
    limit(db, "g1", "u1", daily_limit=0, unlimited=True)
    assert use_guild(db, "g1", "u1", 50)["balance"] == 50
    assert spending(db, "g1", "u1")["daily_limit"] is None
    limit(db, "g1", "u1", unlimited=False)
    assert refusal_of(db, 1) == ("member", "daily")


def test_lowering_works_at_once(db: Connection) -> None:
    set_default(db, "g1", daily=10)
    use_guild(db, "g1", "u1", 5)
    set_default(db, "g1", daily=4)
    assert refusal_of(db, 1) == ("default", "daily")
    set_default(db, "g1", daily=None)
    use_guild(db, "g1", "u1", 50)


def test_weeks_are_iso_weeks(db: Connection, clock: Clock) -> None:
    limit(db, "g1", "u1", weekly_limit=5)
    clock.move_to(noon("2099-02-08"))
    use_guild(db, "g1", "u1", 5)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 1)
    assert refusal.details["resetsAt"] == "2099-02-09T00:00:00Z"
    clock.move_to(noon("2099-02-09"))
    use_guild(db, "g1", "u1", 5)
    row = spending(db, "g1", "u1")
    assert (row["spent_this_week"], row["spent_this_month"]) == (5, 10)


def test_week_goes_over_the_end_of_a_month(db: Connection, clock: Clock) -> None:
    set_default(db, "g1", weekly=5)
    clock.move_to(noon("2099-01-31"))
    use_guild(db, "g1", "u1", 4)
    clock.move_to(noon("2099-02-01"))
    assert refusal_of(db, 2) == ("default", "weekly")
    row = spending(db, "g1", "u1")
    assert (row["spent_this_week"], row["spent_this_month"]) == (4, 0)


def test_holds_commits_and_refunds_move_the_week(db: Connection) -> None:
    set_default(db, "g1", weekly=10)
    held, freed = (reserve(db, "u1", amount, guild_id="g1") for amount in (6, 4))
    assert refusal_of(db, 1) == ("default", "weekly")
    release(db, freed)
    commit(db, held, amount=5)
    usage = use_guild(db, "g1", "u1", 5)
    refund(db, "u1", usage["id"], 2)
    assert spending(db, "g1", "u1")["spent_this_week"] == 8


def test_raise_ends_by_itself_and_what_held_before_holds_again(
    db: Connection, clock: Clock
) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=50)
    until = later(db, 3600)
    answer = limit(db, "g1", "u1", daily_limit=20, until=until)
    assert (answer["daily_limit"], answer["monthly_limit"]) == (20, 50)
    assert answer["until"] == until
    use_guild(db, "g1", "u1", 2)
    limit(db, "g1", "u1", daily_limit=30)
    clock.move_to(until)
    answer = own_of(db)
    assert (answer["daily_limit"], answer["monthly_limit"], answer["until"]) == (5, 50, None)
    assert refusal_of(db, 6) == ("member", "daily")


def test_what_is_set_after_a_raise_builds_on_what_held_before(db: Connection, clock: Clock) -> None:
    limit(db, "g1", "u1", daily_limit=5)
    limit(db, "g1", "u1", unlimited=True, until=later(db, 60))
    clock.advance(61)
    answer = limit(db, "g1", "u1", weekly_limit=9)
    assert (answer["daily_limit"], answer["weekly_limit"]) == (5, 9)
    assert (answer["unlimited"], answer["until"]) == (False, None)


def test_raise_without_limits_before_ends_in_those_for_all(db: Connection, clock: Clock) -> None:
    set_default(db, "g1", daily=3)
    limit(db, "g1", "u1", unlimited=True, until=later(db, 60))
    use_guild(db, "g1", "u1", 10)
    clock.advance(61)
    assert refusal_of(db, 1) == ("default", "daily")


def test_raise_can_be_made_to_last(db: Connection, clock: Clock) -> None:
    limit(db, "g1", "u1", daily_limit=5)
    limit(db, "g1", "u1", daily_limit=20, until=later(db, 60))
    limit(db, "g1", "u1", until=None, set_until=True)
    clock.advance(61)
    assert own_of(db)["daily_limit"] == 20


@pytest.mark.parametrize("seconds", [0, -60])
def test_raise_has_to_end_in_time_to_come(db: Connection, seconds: float) -> None:
    with refused(db, "UC001") as refusal:
        limit(db, "g1", "u1", daily_limit=5, until=later(db, seconds))
    assert list(refusal.details) == ["until"]


@pytest.mark.parametrize("moment", ["infinity", "9999-12-31 23:59:59-14"])
def test_raise_until_no_time_at_all_is_refused(db: Connection, moment: str) -> None:
    with refused(db, "UC001") as refusal:
        limit(db, "g1", "u1", daily_limit=5, until=moment)
    assert list(refusal.details) == ["until"]


BATCH: list[dict[str, Any]] = [
    {"amount": 6},
    {"amount": 5},
    {"amount": 20, "user_id": "u2"},
    {"amount": 12, "user_id": "u3"},
    {"amount": 4},
]


def test_batch_is_held_to_limits_as_single_calls_are(db: Connection, owner: Owner) -> None:
    use_guild(db, "g1", "u3", 1)
    use_guild(db, "g1", "u1", 0 + 1)
    set_default(db, "g1", weekly=11)
    limit(db, "g1", "u2", unlimited=True)
    answers = use_guild_batch(db, *BATCH)
    assert [row["refusal"] for row in answers] == [None, "UC003", None, "UC003", None]
    assert spending(db, "g1", "u1")["spent_this_week"] == 11


def test_first_debit_of_a_day_in_a_batch_moves_the_week_on(db: Connection, clock: Clock) -> None:
    moment: datetime = noon("2099-02-03")
    for _ in range(2):
        clock.move_to(moment)
        use_guild_batch(db, {"amount": 2}, {"amount": 3}, {"amount": 1, "user_id": "u2"})
        moment += timedelta(days=1)
    assert spending(db, "g1", "u1")["spent_this_week"] == 10
