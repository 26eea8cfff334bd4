"""Limits on what a member may use of a pool in a day and a month."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.databases import Connection, refused
from tests.sql.calls import call, limit, pool, use_guild
from tests.sql.moments import Clock, noon


@pytest.fixture(autouse=True)
def pool_of_hundred(db: Connection) -> None:
    """The pool g1 has 100 credits."""
    pool(db, "g1", 100)


def test_member_without_limits_may_use_everything(db: Connection) -> None:
    assert use_guild(db, "g1", "u1", 100)["balance"] == 0


@pytest.mark.parametrize("window", ["daily", "monthly"])
def test_limit_can_be_used_up_to_the_last_digit(db: Connection, window: str) -> None:
    limit(db, "g1", "u1", **{f"{window}_limit": Decimal("1.5")})
    use_guild(db, "g1", "u1", Decimal("0.7"))
    use_guild(db, "g1", "u1", Decimal("0.8"))
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", Decimal("0.000001"))
    assert refusal.details["window"] == window


def test_refusal_tells_the_window_and_its_figures(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=Decimal("5.5"))
    use_guild(db, "g1", "u1", 3)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", Decimal("2.75"))
    resets_at = refusal.details.pop("resetsAt")
    assert refusal.details["window"] == "daily"
    expected = {"window": "daily", "limit": 5.5, "spent": 3, "requested": 2.75}
    assert {name: refusal.details[name] for name in expected} == expected
    assert datetime.fromisoformat(resets_at) > datetime.now(UTC)


def test_refused_debit_changes_nothing(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=5)
    with refused(db, "UC003"):
        use_guild(db, "g1", "u1", 6)
    spending = call(db, "credits.get_spending", organization_id="g1", user_id="u1")
    assert spending["spent_today"] == 0
    assert use_guild(db, "g1", "u1", 5)["balance"] == 95


@pytest.mark.parametrize("window", ["daily", "monthly"])
def test_zero_blocks(db: Connection, window: str) -> None:
    limit(db, "g1", "u1", **{f"{window}_limit": 0})
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", Decimal("0.000001"))
    assert (refusal.details["window"], refusal.details["limit"]) == (window, 0)


def test_limit_binds_one_member_only(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=0)
    assert use_guild(db, "g1", "u2", 1)["balance"] == 99


def test_limit_binds_in_one_guild_only(db: Connection) -> None:
    pool(db, "g2", 5)
    limit(db, "g1", "u1", daily_limit=0)
    assert use_guild(db, "g2", "u1", 1)["balance"] == 4


def test_what_others_use_does_not_count(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=5)
    use_guild(db, "g1", "u2", 50)
    assert use_guild(db, "g1", "u1", 5)["balance"] == 45


def test_limit_that_leaves_least_is_reported(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=4)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 6)
    assert (refusal.details["window"], refusal.details["scope"]) == ("monthly", "member")


def test_of_limits_that_leave_the_same_the_shortest_is_reported(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=5)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 6)
    assert refusal.details["window"] == "daily"


def test_monthly_limit_binds_within_the_daily_one(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=4)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 5)
    assert refusal.details["window"] == "monthly"


def test_removed_limit_no_longer_binds(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=0)
    limit(db, "g1", "u1", daily_limit=None)
    assert use_guild(db, "g1", "u1", 1)["balance"] == 99


def test_limit_set_later_counts_what_was_used_before(db: Connection) -> None:
    use_guild(db, "g1", "u1", 5)
    limit(db, "g1", "u1", daily_limit=6)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 2)
    assert refusal.details["spent"] == 5


def check_limits(db: Connection, amount: int) -> None:
    """Use credits of g1 as u1, and take it back."""
    with db.transaction(force_rollback=True):
        use_guild(db, "g1", "u1", amount)


def test_what_was_used_another_day_counts_for_the_month_only(db: Connection, clock: Clock) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=8)
    clock.move_to(noon("2099-02-10"))
    use_guild(db, "g1", "u1", 5)
    clock.move_to(noon("2099-02-11"))
    check_limits(db, 3)
    with refused(db, "UC003") as refusal:
        check_limits(db, 4)
    assert (refusal.details["window"], refusal.details["spent"]) == ("monthly", 5)


def test_month_begins_anew(db: Connection, clock: Clock) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=5)
    clock.move_to(noon("2099-02-28"))
    use_guild(db, "g1", "u1", 5)
    with refused(db, "UC003"):
        check_limits(db, 1)
    clock.move_to(noon("2099-03-01"))
    check_limits(db, 5)


def test_same_day_of_another_month_does_not_count(db: Connection, clock: Clock) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=5)
    for day in ("2098-02-10", "2099-01-10"):
        clock.move_to(noon(day))
        use_guild(db, "g1", "u1", 5)
    clock.move_to(noon("2099-02-10"))
    check_limits(db, 5)
