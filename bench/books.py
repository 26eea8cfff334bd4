"""The books: what was acknowledged must be in the ledgers, and all of them must reconcile."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg

from bench.errors import WrongAnswerError

AMOUNT = Decimal("0.01")

_COUNTS = {
    "debits": "select count(*) from credits.transactions where type = 'usage'",
    "spent": "select coalesce(sum(total_spent), 0) from credits.balances",
    "pool debits": "select count(*) from credits.guild_transactions where type = 'usage'",
    "redemptions": "select count(*) from gifts.gift_redemptions where status = 'success'",
    "failed redemptions": "select count(*) from gifts.gift_redemptions where status <> 'success'",
}
_PEER_COUNTS = {
    "limit": "select count(*) from bench.transactions",
    "double entry": "select count(*) from bench.transfers",
    "entries": "select count(*) from bench.entries",
}


@dataclass(slots=True)
class Books:
    """The books of one database.

    `acknowledged` counts what callers were told has happened. What they were not told, because the
    load ended before the answer came, may have happened too: `unanswered` counts the most of that.
    """

    dsn: str = field(repr=False)
    peers: bool = True
    acknowledged: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    _before: dict[str, Decimal] = field(default_factory=dict)

    def open(self) -> None:
        """Remember what there is now, and that it is in order.

        Raises:
            WrongAnswerError: The books are off.
        """
        self._reconcile()
        self._before = self._count()

    def check(self) -> None:
        """Compare what there is now with what was acknowledged.

        Raises:
            WrongAnswerError: The books are off, or something acknowledged is missing, or there is
                more than anybody asked for.
        """
        self._reconcile()
        now = self._count()
        changed = {name: now[name] - self._before[name] for name in now}
        for name, least in self._expected().items():
            most = least + self._unanswered(name)
            if name in changed and not least <= changed[name] <= most:
                raise WrongAnswerError(
                    f"{name}: {changed[name]} in the books, acknowledged {least}"
                    + (f", at most {most}" if most != least else "")
                )

    def _expected(self) -> dict[str, Decimal]:
        counted = self.acknowledged
        return {
            **{name: Decimal(counted[name]) for name in (*_COUNTS, *_PEER_COUNTS)},
            "spent": counted["debits"] * AMOUNT,
            "entries": Decimal(2 * counted["double entry"]),
        }

    def _unanswered(self, name: str) -> Decimal:
        if name == "spent":
            return self.unanswered["debits"] * AMOUNT
        return Decimal(self.unanswered[name])

    def _count(self) -> dict[str, Decimal]:
        queries = {**_COUNTS, **(_PEER_COUNTS if self.peers else {})}
        with psycopg.connect(self.dsn) as auditor:
            return {name: Decimal(_value(auditor, query)) for name, query in queries.items()}

    def _reconcile(self) -> None:
        with psycopg.connect(self.dsn) as auditor:
            off = auditor.execute(
                "select check_name, sample from credits.reconcile() where discrepancies > 0"
            ).fetchall()
        if off:
            raise WrongAnswerError(f"the books are off: {off}")


def _value(connection: psycopg.Connection, query: str) -> Decimal | int:
    row = connection.execute(query).fetchone()
    if row is None:
        raise WrongAnswerError("a count returned nothing")
    value: Decimal | int = row[0]
    return value
