"""The clock of the stack's database, which the story moves on.

Every rule asks `credits._now()` for the time, so a limit does end at midnight and a hold does run
out, without anybody waiting. Only a database that nobody else uses may be treated so.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import psycopg
from psycopg import sql

_NOW = """
    create or replace function credits._now() returns timestamptz
    language sql volatile parallel safe as {}
"""
# The order of ids is the order of time.
_NEW_ID = """
    create or replace function credits._new_id() returns uuid
    language sql volatile parallel safe as {}
"""

_RECORD = """
    update credits.deployed d
    set definition = n.definition
    from credits._definitions() n
    where (n.kind, n.object) = (d.kind, d.object) and n.definition <> d.definition
"""


class Clock:
    """Starts with the day after today, so that it never goes back; it ticks between two moves."""

    def __init__(self, database_url: str) -> None:
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        self.midnight = datetime.combine(tomorrow, time(), UTC)
        self._database_url = database_url

    def at(self, moment: str) -> datetime:
        """Return the time of a moment of the day: "09:30", or "24:05" for the next morning."""
        hours, minutes = moment.split(":")
        return self.midnight + timedelta(hours=int(hours), minutes=int(minutes))

    def move_to(self, moment: str) -> None:
        """Let it be that moment now, in the whole database."""
        shift = (self.at(moment) - datetime.now(UTC)).total_seconds()
        interval = f"interval '{shift:.3f} seconds'"
        bodies = {
            _NOW: f"select pg_catalog.clock_timestamp() + {interval}",
            _NEW_ID: f"select pg_catalog.uuidv7({interval})",
        }
        with psycopg.connect(self._database_url) as connection:
            for function, body in bodies.items():
                connection.execute(sql.SQL(function).format(sql.Literal(body)))

    def put_on_record(self) -> None:
        """Record this clock as deployed, so that the reconciliation does not report it."""
        with psycopg.connect(self._database_url) as connection:
            connection.execute(_RECORD)
