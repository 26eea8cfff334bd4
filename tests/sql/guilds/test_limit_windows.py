"""Days and months are cut in one zone for the whole database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from databases import Connection, Owner, refused
from sql.books import pool_ledger
from sql.calls import call, limit, pool, use_guild
from sql.conftest import Api
from sql.lifecycle import spending
from sql.moments import Clock, noon

EARLIEST, LATEST = "Etc/GMT+12", "Pacific/Kiritimati"


@pytest.fixture(autouse=True)
def pool_of_hundred(db: Connection) -> None:
    """The pool g1 has 100 credits."""
    pool(db, "g1", 100)


def cut_in(owner: Owner, zone: str) -> None:
    owner.execute("update credits.settings set limits_time_zone = %s", (zone,))


def test_zone_is_utc_unless_told(api: Api) -> None:
    assert call(api, "credits.limits_time_zone") == {"limits_time_zone": "UTC"}


def test_callers_own_zone_does_not_matter(db: Connection, owner: Owner) -> None:
    before = spending(db, "g1", "u1")
    for zone in (EARLIEST, LATEST):
        db.execute("select set_config('timezone', %s, true)", (zone,))
        answer = spending(db, "g1", "u1")
        assert answer["day_resets_at"] == before["day_resets_at"]


@pytest.mark.parametrize("zone", [EARLIEST, "UTC", "Europe/Berlin", "America/St_Johns", LATEST])
def test_usage_counts_for_the_local_day(db: Connection, owner: Owner, zone: str) -> None:
    cut_in(owner, zone)
    created = use_guild(db, "g1", "u1", 1)["created_at"]
    expected = created.astimezone(ZoneInfo(zone)).date()
    assert pool_ledger(owner, "g1")[-1]["spending_day"] == expected


@pytest.mark.parametrize("zone", [EARLIEST, "UTC", "Europe/Berlin", LATEST])
def test_limit_is_told_to_reset_at_the_next_local_midnight(
    db: Connection, owner: Owner, zone: str
) -> None:
    cut_in(owner, zone)
    limit(db, "g1", "u1", daily_limit=0)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 1)
    told = datetime.fromisoformat(refusal.details["resetsAt"])
    local = told.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert timedelta(0) < told - datetime.now(UTC) <= timedelta(hours=25)


def test_new_local_day_begins_with_nothing_spent(db: Connection, owner: Owner) -> None:
    cut_in(owner, EARLIEST)
    limit(db, "g1", "u1", daily_limit=5)
    use_guild(db, "g1", "u1", 5)
    cut_in(owner, LATEST)
    assert use_guild(db, "g1", "u1", 5)["balance"] == 90


@pytest.mark.parametrize(
    ("zone", "day", "resets_at"),
    [
        ("UTC", "2026-05-31", datetime(2026, 6, 1, tzinfo=UTC)),
        # The days on which the clocks change have 23 and 25 hours.
        ("Europe/Berlin", "2026-03-28", datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", "2026-03-29", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Berlin", "2026-10-24", datetime(2026, 10, 24, 22, tzinfo=UTC)),
        ("Europe/Berlin", "2026-10-25", datetime(2026, 10, 25, 23, tzinfo=UTC)),
        # There is no midnight: the clocks go from 23:59:59 to 01:00:00.
        ("Africa/Cairo", "2024-04-25", datetime(2024, 4, 25, 22, tzinfo=UTC)),
    ],
)
def test_day_ends_at_local_midnight(
    db: Connection, owner: Owner, clock: Clock, zone: str, day: str, resets_at: datetime
) -> None:
    cut_in(owner, zone)
    clock.move_to(noon(day, zone))
    assert spending(db, "g1", "u1")["day_resets_at"] == resets_at


@pytest.mark.parametrize(
    ("zone", "day", "resets_at"),
    [
        ("UTC", "2026-12-31", datetime(2027, 1, 1, tzinfo=UTC)),
        ("UTC", "2024-02-29", datetime(2024, 3, 1, tzinfo=UTC)),
        ("Europe/Berlin", "2026-03-01", datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("Europe/Berlin", "2026-10-25", datetime(2026, 10, 31, 23, tzinfo=UTC)),
    ],
)
def test_month_ends_at_local_midnight(
    db: Connection, owner: Owner, clock: Clock, zone: str, day: str, resets_at: datetime
) -> None:
    cut_in(owner, zone)
    clock.move_to(noon(day, zone))
    assert spending(db, "g1", "u1")["month_resets_at"] == resets_at


def test_windows_hold_the_day_and_the_month_up_to_it(db: Connection, clock: Clock) -> None:
    spent = {"2099-01-31": 1, "2099-02-01": 2, "2099-02-14": 4, "2099-02-15": 8, "2099-03-01": 16}
    for day, amount in spent.items():
        clock.move_to(noon(day))
        use_guild(db, "g1", "u1", amount)
    clock.move_to(noon("2099-02-14"))
    row = spending(db, "g1", "u1")
    assert (row["spent_today"], row["spent_this_month"]) == (4, 6)


def test_local_day_of_a_usage_is_kept(db: Connection, owner: Owner, clock: Clock) -> None:
    cut_in(owner, LATEST)
    midnight = datetime(2099, 2, 15, tzinfo=ZoneInfo(LATEST))
    clock.move_to(midnight - timedelta(minutes=1))
    use_guild(db, "g1", "u1", 1)
    clock.move_to(midnight)
    use_guild(db, "g1", "u1", 2)
    found = owner.execute("select day, spent from credits.guild_member_spending order by day")
    assert [(row["day"], row["spent"]) for row in found] == [
        (date(2099, 2, 14), 1),
        (date(2099, 2, 15), 2),
    ]
