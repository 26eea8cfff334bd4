"""The time of the database, made later without waiting."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.sql.calls import Session

# The present moment: the real one and so much more; or, where it shall stand still, a moment of
# its own. It is in a row, so that whoever waits for a lock sees it move as well.
CLOCK = """
    create schema test;
    create table test.clock (stands_at timestamptz, ahead interval not null);
    insert into test.clock (ahead) values ('0');
    grant usage on schema test to public;
    grant select on test.clock to public;
    create or replace function credits._now() returns timestamptz
    language sql volatile parallel safe
    as 'select coalesce(c.stands_at, clock_timestamp()) + c.ahead from test.clock c';
"""

# Ids of the present moment, to the fraction of a millisecond as real ones are.
IDS = """
    create or replace function credits._new_id() returns uuid
    language sql volatile parallel safe security definer
    as $$
        select (
            left(credits._id_floor(c.now)::text, 14) || '7'
            || lpad(to_hex(extract(microseconds from c.now)::bigint % 1000 * 4096 / 1000), 3, '0')
            || right(gen_random_uuid()::text, 18)
        )::uuid
        from (select credits._now() as now) as c
    $$;
    grant execute on function credits._id_floor to credits_ledger;
"""


def now(session: Session) -> datetime:
    """The real moment of this call, which moves on inside a transaction too."""
    return _moment(session, "select clock_timestamp() as at")


def later(session: Session, seconds: float) -> datetime:
    """The moment that really lies so many seconds ahead."""
    return now(session) + timedelta(seconds=seconds)


def noon(day: str, zone: str = "UTC") -> datetime:
    """The middle of a local day."""
    return datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo(zone))


class Clock:
    """The clock of a database in which one was installed.

    It goes on by itself from wherever it is moved to. The session has a superuser's rights.
    """

    def __init__(self, superuser: Session) -> None:
        self._superuser = superuser

    @classmethod
    def install(cls, superuser: Session) -> "Clock":
        """Put one in the place of the real one, which it does not differ from at first."""
        superuser.execute(CLOCK + IDS)
        return cls(superuser)

    def now(self) -> datetime:
        """The moment of this call."""
        return _moment(self._superuser, "select credits._now() as at")

    def stop(self) -> None:
        """Let it stand still, until it is moved."""
        self._superuser.execute("update test.clock set stands_at = clock_timestamp()")

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._superuser.execute(
            "update test.clock set ahead = ahead + make_interval(secs => %s)", (seconds,)
        )

    def move_to(self, moment: datetime) -> None:
        """Let it be a moment, ahead or back."""
        # In seconds: days would be those of the session's time zone.
        self._superuser.execute(
            "update test.clock set"
            " ahead = make_interval(secs => extract(epoch from %s - clock_timestamp())::float8)",
            (moment,),
        )


def _moment(session: Session, query: str) -> datetime:
    row = session.execute(query).fetchone()
    assert row is not None
    return datetime.fromisoformat(str(row["at"]))
