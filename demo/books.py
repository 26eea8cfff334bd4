"""The books of the day: where all credits went, and the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import psycopg

_SUMS = """
    select kind, sum(amount) from (
        select case
            when type::text in ('purchase', 'grant', 'refund', 'usage', 'expiry', 'clawback')
                then type::text
        end, amount from credits.transactions
        union all
        select 'usage', amount from credits.guild_transactions where type = 'usage'
    ) moved (kind, amount)
    where kind is not null
    group by kind
"""
_HELD = "select total from credits.holdings"
_BALANCES = """
    select user_id, created_at, balance_after from credits.transactions
    where user_id = any(%s) order by id
"""
_POOL = """
    select organization_id, created_at, balance_after from credits.guild_transactions
    where organization_id = %s order by id
"""
_SPENDING = """
    select user_id, created_at, -amount from credits.guild_transactions
    where organization_id = %s and type = 'usage' order by id
"""

Curve = list[tuple[datetime, float]]


@dataclass(frozen=True)
class Sums:
    """Every credit that there ever was, and where it is now."""

    bought: Decimal
    granted: Decimal
    given_back: Decimal
    spent: Decimal
    expired: Decimal
    taken_back: Decimal
    held: Decimal

    @property
    def missing(self) -> Decimal:
        """The credits that are not accounted for."""
        came_in = self.bought + self.granted + self.given_back
        return came_in - self.spent - self.expired - self.taken_back - self.held


class Books:
    """Reads the ledgers, as an auditor."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    def sums(self) -> Sums:
        """Add up all ledgers."""
        with psycopg.connect(self._database_url) as connection:
            sums: dict[str, Decimal] = dict(connection.execute(_SUMS).fetchall())
            [(held,)] = connection.execute(_HELD).fetchall()
        moved = ("purchase", "grant", "refund", "usage", "expiry", "clawback")
        bought, granted, given_back, spent, expired, taken_back = (
            abs(sums.get(kind, Decimal(0))) for kind in moved
        )
        return Sums(bought, granted, given_back, spent, expired, taken_back, held)

    def balances(self, people: Sequence[str]) -> dict[str, Curve]:
        """Return each one's balance after each row of their ledger."""
        return self._curves(_BALANCES, list(people))

    def pool(self, guild: str) -> Curve:
        """Return what a pool holds after each row of its ledger."""
        return self._curves(_POOL, guild)[guild]

    def spending(self, guild: str) -> dict[str, Curve]:
        """Return what each member has spent of a pool, row by row."""
        return self._curves(_SPENDING, guild)

    def _curves(self, query: str, whose: list[str] | str) -> dict[str, Curve]:
        curves: dict[str, Curve] = {}
        with psycopg.connect(self._database_url) as connection:
            for user, moment, amount in connection.execute(query, [whose]):
                curves.setdefault(user, []).append((moment, float(amount)))
        return curves
