"""Overruns of a hold of an earlier day count on the day on which they are used."""

from datetime import UTC, datetime

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, balance, give, limit, pool, use, use_guild
from tests.sql.lifecycle import commit, grant, refund, remaining, reserve, spending
from tests.sql.limits.calls import set_default, set_own, spent
from tests.sql.moments import Clock, noon

TWO_DAYS = 172_800


class Spender:
    """Somebody with a limit who spends: of their own credits, or of a pool's."""

    def __init__(self, db: Connection, *, guild: bool) -> None:
        self.db = db
        self.guild = guild

    def limit(self, **limits: int) -> None:
        """Set daily, weekly or monthly."""
        if self.guild:
            limit(self.db, "g1", "u1", **{f"{name}_limit": most for name, most in limits.items()})
        else:
            set_own(self.db, "u1", **limits)

    def hold(self, amount: int) -> Row:
        """Set credits aside for two days."""
        more = {"guild_id": "g1"} if self.guild else {}
        return reserve(self.db, "u1", amount, expires_in_seconds=TWO_DAYS, **more)

    def use(self, amount: int) -> Row:
        """Spend."""
        return use_guild(self.db, "g1", "u1", amount) if self.guild else use(self.db, "u1", amount)

    def spent(self) -> tuple[object, ...]:
        """The credits that count for the day, the week and the month."""
        if self.guild:
            told = spending(self.db, "g1", "u1")
            return told["spent_today"], told["spent_this_week"], told["spent_this_month"]
        return spent(self.db, "u1")


@pytest.fixture(params=[False, True], ids=["own", "pool"])
def spender(request: pytest.FixtureRequest, db: Connection) -> Spender:
    """The user u1 has 100 credits, the pool g1 has 100."""
    give(db, "u1", 100)
    pool(db, "g1", 100)
    return Spender(db, guild=request.param)


# 2 February 2099 is a Monday, 1 July 2099 a Wednesday: between two weeks, months, or neither.
BORDERS = {
    "days": ("2099-02-03", "2099-02-04", (4, 12, 12), (8, 12, 12)),
    "weeks": ("2099-02-08", "2099-02-09", (4, 4, 12), (8, 8, 12)),
    "months": ("2099-06-30", "2099-07-01", (4, 12, 4), (8, 12, 8)),
}


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("overrun", ["debt", "available"])
def test_overrun_counts_today_and_the_hold_on_its_day(
    spender: Spender, clock: Clock, border: str, overrun: str
) -> None:
    before, after, today, then = BORDERS[border]
    spender.limit(daily=10, weekly=50, monthly=50)
    clock.move_to(noon(before))
    held = spender.hold(8)
    clock.move_to(noon(after))
    answer = commit(spender.db, held, amount=12, overrun=overrun)
    assert (answer["committed"], answer["uncollected"], answer["released"]) == (12, 0, 0)
    assert spender.spent() == today
    clock.move_to(noon(before))
    assert spender.spent() == then


def test_limit_of_today_decides(spender: Spender, clock: Clock) -> None:
    spender.limit(daily=10)
    clock.move_to(noon("2099-02-03"))
    held = spender.hold(8)
    clock.move_to(noon("2099-02-04"))
    spender.use(7)
    with refused(spender.db, "UC003") as refusal:
        commit(spender.db, held, amount=12, overrun="debt")
    told = {name: refusal.details[name] for name in ("spent", "requested", "resetsAt")}
    assert told == {"spent": 7, "requested": 4, "resetsAt": "2099-02-05T00:00:00Z"}
    clock.move_to(datetime(2099, 2, 5, tzinfo=UTC))
    assert commit(spender.db, held, amount=12, overrun="debt")["committed"] == 12


def test_week_that_both_days_lie_in_counts_both(spender: Spender, clock: Clock) -> None:
    spender.limit(weekly=10)
    clock.move_to(noon("2099-02-03"))
    held = spender.hold(8)
    clock.move_to(noon("2099-02-04"))
    with refused(spender.db, "UC003") as refusal:
        commit(spender.db, held, amount=11, overrun="debt")
    assert (refusal.details["spent"], refusal.details["resetsAt"]) == (8, "2099-02-09T00:00:00Z")
    assert commit(spender.db, held, amount=10, overrun="debt")["committed"] == 10


def test_what_is_available_is_what_today_leaves(spender: Spender, clock: Clock) -> None:
    spender.limit(daily=10)
    clock.move_to(noon("2099-02-03"))
    held = spender.hold(10)
    clock.move_to(noon("2099-02-04"))
    spender.use(7)
    answer = commit(spender.db, held, amount=20, overrun="available")
    assert (answer["committed"], answer["uncollected"]) == (13, 7)
    assert commit(spender.db, held, amount=20, overrun="available") == {**answer, "replayed": True}
    assert spender.spent()[0] == 10
    with refused(spender.db, "UC003"):
        spender.use(1)


def test_refund_counts_on_the_day_of_the_hold(spender: Spender, clock: Clock) -> None:
    spender.limit(daily=10, weekly=50)
    clock.move_to(noon("2099-02-03"))
    held = spender.hold(8)
    clock.move_to(noon("2099-02-04"))
    usage = commit(spender.db, held, amount=12, overrun="debt")["transaction_id"]
    refund(spender.db, "u1", usage, 12)
    assert spender.spent()[:2] == (4, 0)
    # A window never gets more room than was taken of it.
    with refused(spender.db, "UC003"):
        spender.use(7)
    assert spender.use(6)["balance"] == 94


def test_limit_that_is_set_afterwards_counts_the_same(spender: Spender, clock: Clock) -> None:
    clock.move_to(noon("2099-02-03"))
    held = spender.hold(8)
    clock.move_to(noon("2099-02-04"))
    commit(spender.db, held, amount=12, overrun="available")
    spender.limit(daily=6)
    with refused(spender.db, "UC003") as refusal:
        spender.use(3)
    assert refusal.details["spent"] == 4
    spender.use(2)


@pytest.mark.parametrize("guild", [False, True], ids=["own", "pool"])
def test_overrun_leaves_a_debt_that_is_repaid_first(
    db: Connection, owner: Owner, clock: Clock, guild: bool
) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, max_overrun) values ('test_service', 5)"
    )
    give(db, "u1", 10)
    pool(db, "g1", 10)
    spender = Spender(db, guild=guild)
    spender.limit(daily=12)
    clock.move_to(noon("2099-02-03"))
    held = spender.hold(8)
    clock.move_to(noon("2099-02-04"))
    with refused(db, "UC002") as refusal:
        commit(db, held, amount=16, overrun="debt")
    assert (refusal.details["required"], refusal.details["available"]) == (8, 2)
    answer = commit(db, held, amount=15, overrun="debt")
    assert (answer["committed"], answer["balance"]) == (15, -5)
    assert commit(db, held, amount=15, overrun="debt") == {**answer, "replayed": True}
    assert spender.spent()[0] == 7
    if not guild:
        give(db, "u1", 6)
        assert balance(db, "u1") == 1


def test_tightest_limit_of_an_app_is_of_today(db: Connection, clock: Clock) -> None:
    give(db, "u1", 100)
    set_own(db, "u1", daily=20, perApp={"chat": {"daily": 9}})
    clock.move_to(noon("2099-02-03"))
    held = reserve(db, "u1", 8, expires_in_seconds=TWO_DAYS, app_id="chat")
    clock.move_to(noon("2099-02-04"))
    use(db, "u1", 5, app_id="chat")
    with refused(db, "UC003") as refusal:
        commit(db, held, amount=13, overrun="debt")
    assert (refusal.details["scope"], refusal.details["spent"]) == ("app", 5)
    assert commit(db, held, amount=12, overrun="debt")["committed"] == 12
    assert (spent(db, "u1")[0], spent(db, "u1", "chat")[0]) == (9, 9)


def test_limit_for_all_members_is_of_today(db: Connection, clock: Clock) -> None:
    pool(db, "g1", 100)
    set_default(db, "g1", daily=10)
    clock.move_to(noon("2099-02-03"))
    held = reserve(db, "u1", 10, guild_id="g1", expires_in_seconds=TWO_DAYS)
    clock.move_to(noon("2099-02-04"))
    with refused(db, "UC003") as refusal:
        commit(db, held, amount=21, overrun="debt")
    assert (refusal.details["scope"], refusal.details["spent"]) == ("default", 0)
    assert commit(db, held, amount=20, overrun="debt")["committed"] == 20


def test_credits_with_a_date_are_the_usages(db: Connection, owner: Owner, clock: Clock) -> None:
    clock.move_to(noon("2099-02-03"))
    grant(db, "u1", 10, expires_at=noon("2099-02-20"))
    set_own(db, "u1", daily=10)
    held = reserve(db, "u1", 3, expires_in_seconds=TWO_DAYS)
    clock.move_to(noon("2099-02-04"))
    usage = commit(db, held, amount=7, overrun="available")["transaction_id"]
    assert remaining(owner, "u1") == [3]
    refund(db, "u1", usage, 7)
    assert remaining(owner, "u1") == [10]
