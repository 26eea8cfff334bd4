"""Days and months are cut in one zone for the whole database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import pool_ledger
from tests.sql.calls import call, limit, pool, rows, use_guild
from tests.sql.conftest import Api
from tests.sql.lifecycle import commit, refund, reserve, spending
from tests.sql.moments import Clock, noon

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
        ("America/Santiago", "2027-09-04", datetime(2027, 9, 5, 4, tzinfo=UTC)),
        ("Asia/Beirut", "2027-03-27", datetime(2027, 3, 27, 22, tzinfo=UTC)),
        # Midnight comes twice: the clocks go from 00:59:59 back to 00:00:00.
        ("Atlantic/Azores", "2027-10-30", datetime(2027, 10, 31, 0, tzinfo=UTC)),
        ("America/Havana", "2027-11-06", datetime(2027, 11, 7, 4, tzinfo=UTC)),
        # The last hour comes twice: the clocks go from 23:59:59 back to 23:00:00.
        ("America/Santiago", "2027-04-03", datetime(2027, 4, 4, 4, tzinfo=UTC)),
        # A day is left out: the island goes over to the other side of the date line.
        ("Pacific/Apia", "2011-12-29", datetime(2011, 12, 30, 10, tzinfo=UTC)),
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
        # The new month's first midnight comes twice.
        ("America/Havana", "2026-10-31", datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_month_ends_at_local_midnight(
    db: Connection, owner: Owner, clock: Clock, zone: str, day: str, resets_at: datetime
) -> None:
    cut_in(owner, zone)
    clock.move_to(noon(day, zone))
    assert spending(db, "g1", "u1")["month_resets_at"] == resets_at


# For every zone that the server knows, around each change of its clocks in two years and at the end
# of one: what is told to end the day, what a moment before that, and what then. In the database,
# where it takes a second or two, and without the trigger that looks for each zone in a folder.
# Debian's PostgreSQL has each zone once more, as posix/….
EVERY_ZONE = """
    create or replace function credits._now() returns timestamptz language sql stable
    as $f$ select current_setting('test.now')::timestamptz $f$;
    alter table credits.settings disable trigger user;
    create temporary table told (
        zone text, day date, resets_at timestamptz, before timestamptz, after timestamptz,
        month_resets_at timestamptz, month_before timestamptz, month_after timestamptz
    );
    do $do$
    declare
        v_zone text;
        v_day date;
        v_moment timestamptz;
        v_noon record;
        v_before record;
        v_after record;
    begin
        for v_zone in select name from pg_timezone_names where name not like 'posix/%' loop
            update credits.settings set limits_time_zone = v_zone;
            for v_day in
                select distinct day::date + around.days
                from generate_series('2026-10-31'::timestamp, '2028-12-31', '1 day') as day
                cross join generate_series(-1, 1) as around (days)
                where day = '2027-12-31'
                    or (day + interval '1 day') at time zone v_zone
                        <> day at time zone v_zone + interval '24 hours'
            loop
                v_moment := (v_day + time '12:00') at time zone v_zone;
                perform set_config('test.now', v_moment::text, true);
                select * into v_noon from credits.get_spending('g1', 'u1');
                v_moment := v_noon.day_resets_at - interval '1 us';
                perform set_config('test.now', v_moment::text, true);
                select * into v_before from credits.get_spending('g1', 'u1');
                perform set_config('test.now', v_noon.day_resets_at::text, true);
                select * into v_after from credits.get_spending('g1', 'u1');
                insert into told values (
                    v_zone, v_day,
                    v_noon.day_resets_at, v_before.day_resets_at, v_after.day_resets_at,
                    v_noon.month_resets_at, v_before.month_resets_at, v_after.month_resets_at
                );
            end loop;
        end loop;
    end
    $do$;
"""

OFF = """
    select * from told
    where resets_at <> before
        or after not between resets_at + interval '22 hours' and resets_at + interval '26 hours'
        or (resets_at at time zone zone)::date <> day + 1
        or ((resets_at - interval '1 us') at time zone zone)::date <> day
        or month_before <> month_resets_at
        or (month_after <> month_resets_at) <> (resets_at = month_resets_at)
"""


def test_in_every_zone_a_window_begins_when_the_last_one_is_told_to_end(
    db: Connection, owner: Owner
) -> None:
    with owner.rights() as superuser, superuser.transaction(force_rollback=True):
        superuser.execute(EVERY_ZONE)
        [told] = superuser.execute("select count(*), count(distinct zone) as zones from told")
        assert told["zones"] > 300
        assert told["count"] > 5 * told["zones"]
        assert superuser.execute(OFF).fetchall() == []


def test_windows_hold_the_day_and_the_whole_month(db: Connection, clock: Clock) -> None:
    spent = {"2099-01-31": 1, "2099-02-01": 2, "2099-02-14": 4, "2099-02-15": 8, "2099-03-01": 16}
    for day, amount in spent.items():
        clock.move_to(noon(day))
        use_guild(db, "g1", "u1", amount)
    clock.move_to(noon("2099-02-14"))
    row = spending(db, "g1", "u1")
    assert (row["spent_today"], row["spent_this_month"]) == (4, 14)


def test_local_day_of_a_usage_is_kept(db: Connection, owner: Owner, clock: Clock) -> None:
    cut_in(owner, LATEST)
    midnight = datetime(2099, 2, 15, tzinfo=ZoneInfo(LATEST))
    clock.move_to(midnight - timedelta(minutes=1))
    use_guild(db, "g1", "u1", 1)
    clock.move_to(midnight)
    use_guild(db, "g1", "u1", 2)
    assert [(row["spending_day"], row["amount"]) for row in pool_ledger(owner, "g1")[-2:]] == [
        (date(2099, 2, 14), -1),
        (date(2099, 2, 15), -2),
    ]


def spent(db: Connection) -> tuple[Decimal, Decimal]:
    row = spending(db, "g1", "u1")
    return row["spent_today"], row["spent_this_month"]


def test_clock_that_was_ahead_for_a_moment_leaves_the_limits_of_the_day(
    db: Connection, clock: Clock
) -> None:
    limit(db, "g1", "u1", daily_limit=10)
    clock.move_to(datetime(2028, 5, 3, 0, 30, tzinfo=UTC))
    use_guild(db, "g1", "u1", 4)
    clock.move_to(datetime(2028, 5, 2, 23, 45, tzinfo=UTC))
    assert spent(db) == (0, 4)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 11)
    assert (refusal.details["spent"], refusal.details["resetsAt"]) == (0, "2028-05-03T00:00:00Z")
    use_guild(db, "g1", "u1", 10)
    assert spent(db) == (10, 14)
    with refused(db, "UC003"):
        use_guild(db, "g1", "u1", 1)
    clock.move_to(datetime(2028, 5, 3, 0, 5, tzinfo=UTC))
    assert spent(db) == (4, 14)
    use_guild(db, "g1", "u1", 6)
    with refused(db, "UC003"):
        use_guild(db, "g1", "u1", 1)


def test_what_is_held_and_given_back_counts_on_its_day_while_the_clock_is_back(
    db: Connection, clock: Clock
) -> None:
    clock.move_to(datetime(2028, 5, 3, 0, 30, tzinfo=UTC))
    ahead = use_guild(db, "g1", "u1", 4)
    held = reserve(db, "u1", 8, guild_id="g1")
    clock.move_to(datetime(2028, 5, 2, 23, 45, tzinfo=UTC))
    behind = use_guild(db, "g1", "u1", 2)
    reserve(db, "u1", 16, guild_id="g1")
    refund(db, "u1", ahead["id"], 1)
    refund(db, "u1", behind["id"], 1)
    commit(db, held, amount=5)
    assert spent(db) == (17, 25)
    clock.move_to(datetime(2028, 5, 3, 0, 45, tzinfo=UTC))
    assert spent(db) == (8, 25)


def test_monthly_limit_is_not_spent_twice_where_the_zone_goes_westwards(
    db: Connection, owner: Owner, clock: Clock
) -> None:
    limit(db, "g1", "u1", monthly_limit=10)
    cut_in(owner, "Europe/Berlin")
    clock.move_to(datetime(2028, 5, 31, 23, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    use_guild(db, "g1", "u1", 10)
    clock.move_to(datetime(2028, 6, 1, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")))
    use_guild(db, "g1", "u1", 1)
    cut_in(owner, "America/New_York")
    assert spent(db) == (10, 10)
    with refused(db, "UC003") as refusal:
        use_guild(db, "g1", "u1", 1)
    assert refusal.details["window"] == "monthly"
    clock.move_to(datetime(2028, 6, 1, 0, 30, tzinfo=ZoneInfo("America/New_York")))
    assert spent(db) == (1, 1)
    use_guild(db, "g1", "u1", 9)
    with refused(db, "UC003"):
        use_guild(db, "g1", "u1", 1)


def test_batch_counts_as_single_calls_do_while_the_clock_is_back(
    db: Connection, clock: Clock
) -> None:
    clock.move_to(datetime(2028, 5, 3, 0, 30, tzinfo=UTC))
    use_guild(db, "g1", "u1", 4)
    clock.move_to(datetime(2028, 5, 2, 23, 45, tzinfo=UTC))
    both = rows(
        db,
        "credits.use_guild_credits_batch",
        organization_ids=["g1", "g1"],
        user_ids=["u1", "u1"],
        amounts=[1, 2],
        app_ids=["chat", "chat"],
        descriptions=["", ""],
    )
    assert [row["refusal"] for row in both] == [None, None]
    assert spent(db) == (3, 7)
    clock.move_to(datetime(2028, 5, 3, 0, 45, tzinfo=UTC))
    assert spent(db) == (4, 7)
