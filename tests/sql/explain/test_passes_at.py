"""credits.explain_use: the earliest time at which a debit would pass."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import call, give, limit, use, use_guild
from tests.sql.conftest import Api
from tests.sql.explain.conftest import Ask
from tests.sql.lifecycle import HOUR, Payments, extend, grant, reserve
from tests.sql.limits.calls import freeze, own, set_default, set_own
from tests.sql.moments import Clock, later, now


def test_time_alone_does_not_bring_credits(ask: Ask) -> None:
    assert ask(11)["passes_at"] is None


def test_passes_when_the_hold_runs_out(db: Connection, ask: Ask) -> None:
    held = reserve(db, "u1", 4)
    assert ask(7)["passes_at"] == held["expires_at"]


def test_passes_when_the_extended_hold_runs_out(db: Connection, ask: Ask) -> None:
    ends = extend(db, reserve(db, "u1", 4, expires_in_seconds=60), 120)["expires_at"]
    assert ask(7)["passes_at"] == ends


def test_passes_when_the_hold_that_is_held_again_runs_out(
    db: Connection, ask: Ask, clock: Clock
) -> None:
    held = reserve(db, "u1", 4, expires_in_seconds=60)
    clock.move_to(held["expires_at"])
    ends = extend(db, held, 60)["expires_at"]
    assert ask(7)["passes_at"] == ends
    clock.move_to(ends)
    assert ask(7)["allowed"] is True


def test_passes_when_enough_holds_have_run_out(db: Connection, ask: Ask) -> None:
    ends = [
        reserve(db, "u1", 3, expires_in_seconds=seconds)["expires_at"] for seconds in (90, 30, 60)
    ]
    told = [ask(amount)["passes_at"] for amount in (4, 5, 7, 8, 10, 11)]
    assert told == [ends[1], ends[2], ends[2], ends[0], ends[0], None]


def test_it_passes_then_indeed(db: Connection, ask: Ask, clock: Clock) -> None:
    reserve(db, "u1", 4, expires_in_seconds=1)
    clock.move_to(ask(7)["passes_at"])
    assert use(db, "u1", 7)["balance"] == 3


def test_hold_of_a_pool_does_not_fund_its_member(db: Connection, ask: Ask) -> None:
    reserve(db, "u1", 4, guild_id="g1")
    assert ask(11)["passes_at"] is None


def test_credits_that_expire_before_the_hold_runs_out_do_not_count(
    db: Connection, ask: Ask
) -> None:
    reserve(db, "u1", 10)
    grant(db, "u1", 5, expires_in=60)
    assert ask(12)["passes_at"] is None


def test_credits_that_expire_after_the_hold_runs_out_count(db: Connection, ask: Ask) -> None:
    held = reserve(db, "u1", 10)
    grant(db, "u1", 5, expires_in=48 * HOUR)
    assert ask(12)["passes_at"] == held["expires_at"]


def test_credits_that_expire_in_their_hold_do_not_count(db: Connection, ask: Ask) -> None:
    grant(db, "u1", 5, expires_in=60)
    reserve(db, "u1", 9)
    assert ask(11)["passes_at"] is None
    assert ask(10)["passes_at"] is not None


def test_credits_that_repay_a_debt_in_time_do_not_expire(
    db: Connection, owner: Owner, api: Api, ask: Ask
) -> None:
    payments = Payments.for_a_package(owner, api)
    grant(db, "u1", 100, expires_in=600)
    reserve(db, "u1", 100, expires_in_seconds=60)
    bought = payments.buy("u1")
    held = reserve(db, "u1", 510, expires_in_seconds=900)
    payments.refunded(bought, 600)
    assert ask(310)["passes_at"] == held["expires_at"]
    assert ask(311)["passes_at"] is None


def test_day_begins_anew(db: Connection, ask: Ask) -> None:
    limit(db, "g1", "u1", daily_limit=20)
    use_guild(db, "g1", "u1", 15)
    spending = call(db, "credits.get_spending", organization_id="g1", user_id="u1")
    assert ask(6, guild_id="g1")["passes_at"] == spending["day_resets_at"]


def test_month_begins_anew(db: Connection, ask: Ask) -> None:
    limit(db, "g1", "u1", daily_limit=20, monthly_limit=20)
    use_guild(db, "g1", "u1", 15)
    spending = call(db, "credits.get_spending", organization_id="g1", user_id="u1")
    assert ask(6, guild_id="g1")["passes_at"] == spending["month_resets_at"]


@pytest.mark.parametrize("limits", [{"daily_limit": 5}, {"monthly_limit": 5}], ids=str)
def test_more_than_the_limit_never_passes(db: Connection, ask: Ask, limits: dict[str, int]) -> None:
    limit(db, "g1", "u1", **limits)
    assert ask(6, guild_id="g1")["passes_at"] is None


def test_passes_when_a_limit_ends_by_itself(db: Connection, ask: Ask) -> None:
    until = later(db, 60)
    limit(db, "g1", "u1", daily_limit=5, until=until)
    assert ask(6, guild_id="g1")["passes_at"] == until


def test_what_passes_only_after_a_raise_has_ended_is_held_to_the_limits_from_before(
    db: Connection, ask: Ask
) -> None:
    limit(db, "g1", "u1", daily_limit=10)
    held = reserve(db, "u2", 95, guild_id="g1", expires_in_seconds=60)
    limit(db, "g1", "u1", unlimited=True, until=later(db, 30))
    assert ask(10, guild_id="g1")["passes_at"] == held["expires_at"]
    assert ask(11, guild_id="g1")["passes_at"] is None
    limit(db, "g1", "u1", until=later(db, 90))
    assert ask(11, guild_id="g1")["passes_at"] == held["expires_at"]


def test_limit_is_free_when_the_members_own_hold_runs_out(db: Connection, ask: Ask) -> None:
    limit(db, "g1", "u1", daily_limit=20, monthly_limit=20)
    held = reserve(db, "u1", 15, guild_id="g1", expires_in_seconds=60)
    reserve(db, "u2", 15, guild_id="g1", expires_in_seconds=30)
    assert ask(6, guild_id="g1")["passes_at"] == held["expires_at"]


def test_pool_has_the_credits_when_anybodys_hold_runs_out(db: Connection, ask: Ask) -> None:
    held = reserve(db, "u2", 60, guild_id="g1")
    assert ask(41, guild_id="g1")["passes_at"] == held["expires_at"]


def test_both_have_to_fit(db: Connection, ask: Ask) -> None:
    limit(db, "g1", "u1", daily_limit=50)
    reserve(db, "u1", 15, guild_id="g1", expires_in_seconds=30)
    held = reserve(db, "u2", 60, guild_id="g1", expires_in_seconds=60)
    assert ask(45, guild_id="g1")["passes_at"] == held["expires_at"]


def test_daily_cap_begins_anew_at_midnight_of_utc(db: Connection, owner: Owner, ask: Ask) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, max_amount_per_day) values ('test_service', 8)"
    )
    use(db, "u1", 5)
    answer = ask(4)
    midnight = now(db).astimezone(UTC).date() + timedelta(days=1)
    assert answer["refusal"] == "UC016"
    assert answer["passes_at"] == datetime.combine(midnight, time(), UTC)
    assert ask(6)["passes_at"] is None


@pytest.mark.parametrize(
    "columns", ["operations = '{grant}'", "app_ids = '{images}'", "max_amount = 1"]
)
def test_other_caps_never_pass(db: Connection, owner: Owner, ask: Ask, columns: str) -> None:
    owner.execute("insert into credits.service_caps (caller) values ('test_service')")
    owner.execute(f"update credits.service_caps set {columns}")
    answer = ask(5)
    assert (answer["refusal"], answer["passes_at"]) == ("UC016", None)


def test_daily_cap_and_a_hold_have_both_to_be_over(db: Connection, owner: Owner, ask: Ask) -> None:
    held = reserve(db, "u1", 8, expires_in_seconds=7 * 24 * 3600)
    owner.execute(
        "insert into credits.service_caps (caller, max_amount_per_day) values ('test_service', 5)"
    )
    give(db, "u2", 3)
    assert ask(4)["passes_at"] == held["expires_at"]
    assert held["expires_at"] > later(db, 24 * HOUR)


def test_own_day_begins_anew(db: Connection, ask: Ask) -> None:
    set_own(db, "u1", daily=8)
    use(db, "u1", 5)
    limits = own(db, "u1")[None]
    answer = ask(4)
    assert answer["refusal"] == "UC003"
    assert answer["passes_at"] == limits["day_resets_at"]


@pytest.mark.parametrize("window", ["day", "week", "month"])
def test_the_last_of_the_windows_that_are_full_counts(
    db: Connection, ask: Ask, window: str
) -> None:
    name = {"day": "daily", "week": "weekly", "month": "monthly"}[window]
    set_own(db, "u1", daily=8, perApp={"chat": {name: 6}, "images": {"monthly": 1}})
    use(db, "u1", 5)
    limits = own(db, "u1")["chat"]
    assert ask(5)["passes_at"] == max(limits["day_resets_at"], limits[f"{window}_resets_at"])


def test_more_than_an_own_limit_never_passes(db: Connection, ask: Ask) -> None:
    set_own(db, "u1", perApp={"chat": {"weekly": 6}})
    assert ask(7)["passes_at"] is None
    assert ask(7, app_id="images")["allowed"] is True


def test_own_limit_is_free_when_a_hold_of_that_app_runs_out(db: Connection, ask: Ask) -> None:
    set_own(db, "u1", perApp={"chat": {"daily": 5}})
    reserve(db, "u1", 3, app_id="images", expires_in_seconds=30)
    held = reserve(db, "u1", 4, app_id="chat", expires_in_seconds=60)
    assert ask(2)["passes_at"] == held["expires_at"]


def test_own_limit_and_credits_have_both_to_fit(db: Connection, ask: Ask) -> None:
    set_own(db, "u1", daily=9)
    held = reserve(db, "u1", 4, expires_in_seconds=7 * 24 * 3600)
    assert ask(7)["passes_at"] == held["expires_at"]
    set_own(db, "u1", daily=None, monthly=2)
    assert ask(7)["passes_at"] is None


@pytest.mark.parametrize("scope", ["default", "member"])
def test_week_of_a_member_begins_anew(db: Connection, ask: Ask, scope: str) -> None:
    if scope == "default":
        set_default(db, "g1", weekly=20)
    else:
        limit(db, "g1", "u1", weekly_limit=20)
    use_guild(db, "g1", "u1", 15)
    spending = call(db, "credits.get_spending", organization_id="g1", user_id="u1")
    assert ask(6, guild_id="g1")["passes_at"] == spending["week_resets_at"]
    assert ask(21, guild_id="g1")["passes_at"] is None


def test_frozen_account_never_passes(db: Connection, ask: Ask) -> None:
    freeze(db, "u1")
    answer = ask(1)
    assert (answer["refusal"], answer["details"], answer["passes_at"]) == ("UC023", None, None)
