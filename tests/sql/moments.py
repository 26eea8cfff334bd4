"""What time it is for the database, and waiting until it is later."""

from datetime import datetime, timedelta

from sql.calls import Session


def now(session: Session) -> datetime:
    """The moment of this call, which moves on inside a transaction too."""
    row = session.execute("select clock_timestamp() as now").fetchone()
    assert row is not None
    return datetime.fromisoformat(str(row["now"]))


def later(session: Session, seconds: float) -> datetime:
    """The moment that lies so many seconds ahead."""
    return now(session) + timedelta(seconds=seconds)


def wait_until(session: Session, moment: datetime) -> None:
    """Return when the database's clock has passed the moment."""
    while now(session) <= moment:
        session.execute(
            "select pg_sleep(greatest(0, extract(epoch from %s - clock_timestamp())))", (moment,)
        )
