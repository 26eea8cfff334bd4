"""Days, ISO weeks and months of a person's own limits, and clocks and zones that go back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import give, use, use_batch
from tests.sql.lifecycle import commit, refund, release, reserve
from tests.sql.limits.calls import own, set_own, spent
from tests.sql.moments import Clock, noon


@pytest.fixture(autouse=True)
def account(db: Connection) -> None:
    """The user u1 has 100 credits."""
    give(db, "u1", 100)


def cut_in(owner: Owner, zone: str) -> None:
    owner.execute("update credits.settings set limits_time_zone = %s", (zone,))


def test_windows_hold_the_day_the_iso_week_and_the_month(db: Connection, clock: Clock) -> None:
    set_own(db, "u1", monthly=90)
    # 2 February 2099 is a Monday.
    days = {"01-31": 1, "02-01": 2, "02-02": 4, "02-07": 8, "02-08": 16, "02-09": 32}
    told = []
    for day, amount in days.items():
        clock.move_to(noon(f"2099-{day}"))
        use(db, "u1", amount)
        told.append(spent(db, "u1"))
    assert told == [(1, 1, 1), (2, 3, 2), (4, 4, 6), (8, 12, 14), (16, 28, 30), (32, 32, 62)]


def test_the_same_is_added_up_when_limits_are_set_afterwards(db: Connection, clock: Clock) -> None:
    for day, amount in {"01-30": 64, "01-31": 1, "02-01": 2}.items():
        clock.move_to(noon(f"2099-{day}"))
        use(db, "u1", amount)
    set_own(db, "u1", weekly=70)
    # The ISO week began on 26 January.
    assert spent(db, "u1") == (2, 67, 2)
    with refused(db, "UC003"):
        use(db, "u1", 4)
    use(db, "u1", 3)
    clock.move_to(noon("2099-02-02"))
    use(db, "u1", 4)
    assert spent(db, "u1") == (4, 4, 9)


def test_week_resets_on_monday(db: Connection, clock: Clock) -> None:
    set_own(db, "u1", weekly=5)
    clock.move_to(noon("2099-02-04"))
    with refused(db, "UC003") as refusal:
        use(db, "u1", 6)
    assert refusal.details["resetsAt"] == "2099-02-09T00:00:00Z"


@pytest.mark.parametrize(
    ("zone", "day", "resets_at"),
    [
        ("Europe/Berlin", "2026-03-28", datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", "2026-03-29", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Berlin", "2026-10-25", datetime(2026, 10, 25, 23, tzinfo=UTC)),
        # There is no midnight: the clocks go from 23:59:59 to 01:00:00.
        ("America/Santiago", "2027-09-04", datetime(2027, 9, 5, 4, tzinfo=UTC)),
        # Midnight comes twice: the clocks go from 00:59:59 back to 00:00:00.
        ("America/Havana", "2027-11-06", datetime(2027, 11, 7, 4, tzinfo=UTC)),
    ],
)
def test_day_ends_at_local_midnight_and_the_next_one_begins_with_nothing(
    db: Connection, owner: Owner, clock: Clock, zone: str, day: str, resets_at: datetime
) -> None:
    cut_in(owner, zone)
    set_own(db, "u1", daily=5)
    clock.move_to(noon(day, zone))
    use(db, "u1", 5)
    assert own(db, "u1")[None]["day_resets_at"] == resets_at
    clock.stop()
    clock.move_to(resets_at - timedelta(seconds=1))
    with refused(db, "UC003"):
        use(db, "u1", 1)
    clock.move_to(resets_at + timedelta(seconds=1))
    use(db, "u1", 5)


def test_hold_counts_on_the_day_on_which_it_was_made(db: Connection, clock: Clock) -> None:
    set_own(db, "u1", daily=10)
    clock.move_to(noon("2099-05-31"))
    held = reserve(db, "u1", 8)
    clock.move_to(noon("2099-06-01") - timedelta(hours=6))
    use(db, "u1", 10)
    commit(db, held, amount=5)
    assert spent(db, "u1") == (10, 10, 10)
    clock.move_to(noon("2099-05-31"))
    assert spent(db, "u1") == (5, 5, 5)


def test_refund_of_an_earlier_month_moves_neither(db: Connection, clock: Clock) -> None:
    clock.move_to(noon("2099-05-31"))
    usage = use(db, "u1", 8)
    set_own(db, "u1", monthly=20)
    clock.move_to(noon("2099-06-01"))
    use(db, "u1", 3)
    refund(db, "u1", usage["id"], 8)
    assert spent(db, "u1") == (3, 3, 3)


def test_clock_that_was_ahead_for_a_moment_leaves_the_limits_of_the_day(
    db: Connection, clock: Clock
) -> None:
    set_own(db, "u1", daily=10)
    clock.move_to(datetime(2028, 5, 3, 0, 30, tzinfo=UTC))
    use(db, "u1", 4)
    clock.move_to(datetime(2028, 5, 2, 23, 45, tzinfo=UTC))
    assert spent(db, "u1") == (0, 4, 4)
    with refused(db, "UC003") as refusal:
        use(db, "u1", 11)
    assert (refusal.details["spent"], refusal.details["resetsAt"]) == (0, "2028-05-03T00:00:00Z")
    use(db, "u1", 10)
    assert spent(db, "u1") == (10, 14, 14)
    with refused(db, "UC003"):
        use(db, "u1", 1)
    clock.move_to(datetime(2028, 5, 3, 0, 35, tzinfo=UTC))
    assert spent(db, "u1") == (4, 14, 14)
    use(db, "u1", 6)


def test_what_is_held_and_given_back_counts_on_its_day_while_the_clock_is_back(
    db: Connection, clock: Clock
) -> None:
    set_own(db, "u1", monthly=90)
    clock.move_to(datetime(2028, 5, 3, 0, 30, tzinfo=UTC))
    ahead = use(db, "u1", 4)
    held, freed = reserve(db, "u1", 8), reserve(db, "u1", 32)
    clock.move_to(datetime(2028, 5, 2, 23, 45, tzinfo=UTC))
    behind = use(db, "u1", 2)
    reserve(db, "u1", 16)
    refund(db, "u1", ahead["id"], 1)
    refund(db, "u1", behind["id"], 1)
    commit(db, held, amount=5)
    release(db, freed)
    assert spent(db, "u1") == (17, 25, 25)
    clock.move_to(datetime(2028, 5, 3, 0, 45, tzinfo=UTC))
    assert spent(db, "u1") == (8, 25, 25)


def test_clock_that_was_years_ahead_leaves_limits_that_hold(db: Connection, clock: Clock) -> None:
    set_own(db, "u1", daily=10)
    clock.move_to(noon("2031-05-03"))
    use(db, "u1", 4)
    clock.move_to(noon("2028-05-03"))
    use(db, "u1", 10)
    with refused(db, "UC003"):
        use(db, "u1", 1)
    assert spent(db, "u1") == (10, 10, 10)


@pytest.mark.parametrize("set_before", [True, False])
def test_monthly_limit_is_not_spent_twice_where_the_zone_goes_westwards(
    db: Connection, owner: Owner, clock: Clock, set_before: bool
) -> None:
    cut_in(owner, "Europe/Berlin")
    if set_before:
        set_own(db, "u1", monthly=10)
    clock.move_to(datetime(2028, 5, 31, 23, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    use(db, "u1", 9)
    if not set_before:
        set_own(db, "u1", monthly=10)
        use(db, "u1", 1)
    clock.move_to(datetime(2028, 6, 1, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    use(db, "u1", 1)
    cut_in(owner, "America/New_York")
    with refused(db, "UC003") as refusal:
        use(db, "u1", 2)
    assert refusal.details["window"] == "monthly"
    clock.move_to(datetime(2028, 6, 1, 0, 30, tzinfo=ZoneInfo("America/New_York")))
    assert spent(db, "u1")[2] == 1
    use(db, "u1", 9)
    with refused(db, "UC003"):
        use(db, "u1", 1)


def test_batch_counts_as_single_calls_do_while_the_clock_is_back(
    db: Connection, clock: Clock
) -> None:
    set_own(db, "u1", daily=10)
    clock.move_to(datetime(2028, 5, 3, 0, 30, tzinfo=UTC))
    use(db, "u1", 4)
    clock.move_to(datetime(2028, 5, 2, 23, 45, tzinfo=UTC))
    answers = use_batch(db, {"amount": 1}, {"amount": 2}, {"amount": 8})
    assert [row["refusal"] for row in answers] == [None, None, "UC003"]
    assert spent(db, "u1") == (3, 7, 7)
