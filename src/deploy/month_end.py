"""The books of a month: sold, granted, spent, lapsed and outstanding, paid and free apart.

All of it follows from the ledger, which only grows. So a month that is over gives the same whenever
it is asked about.

Each account is a queue of credits, paid or free, in the order in which they came in. What goes out
takes them first-in-first-out:

- What expires is taken from its grant, and what is clawed back from its purchase, while some of
  that is left. The rest is taken from others that are free, or paid. What support takes is free, if
  any is.
- What comes back, of a refunded usage or a dispute that was won, is what went out last of it. It is
  the next to be used: so all is as it was before.
- A gift or a funding is no use. It takes its credits along, in their order: to the pool, and to
  those who redeem the gift, the first one the first.
- What went out beyond what there was, a debt, is neither paid nor free until something comes in
  that covers it. It counts in the month of that.
"""

import csv
import io
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import psycopg

from api.database.written import FORMULA
from deploy.connection import connect
from deploy.errors import DeploymentError, one_line

COLUMNS = ("line", "app", "paid", "free", "total")
IN = ("sold", "granted")
OUT = ("spent", "clawed back", "expired", "taken by support", "forfeited")

_ZERO = Decimal(0)
_ROWS_AT_ONCE = 10_000
_MONTH = re.compile("[0-9]{4}-(0[1-9]|1[0-2])")

_ENTRIES = """
    select
        account_id, kind::text, sequence, id::text,
        to_char(created_at at time zone 'UTC', 'YYYY-MM'), type::text, reversal, amount,
        coalesce(app_id, ''), coalesce(reference_id, ''), coalesce(other_id, '')
    from credits.entries
    where amount <> 0
    order by account_id, kind, sequence
"""
# The part of its gift that each redemption takes, and what is paid back of it.
_OF_GIFTS = """
    select id::text, sum(amount) over (partition by reference_id order by id) - amount
    from credits.entries
    where type = 'gift' and amount > 0
"""
_REFUNDED = """
    select distinct reference_id from credits.entries where type = 'refund' and reversal
"""


class Entry(NamedTuple):
    """A row of the ledger that moved something."""

    account_id: str
    kind: str
    sequence: int
    id: str
    month: str
    type: str
    reversal: bool
    amount: Decimal
    app: str
    reference: str
    other: str


@dataclass(slots=True)
class Part:
    """Credits of one kind, and the grant or the purchase that they are from."""

    paid: bool
    amount: Decimal
    source: str | None = None


@dataclass(slots=True)
class Missing:
    """The part of what went out that is uncovered."""

    amount: Decimal


@dataclass(slots=True)
class Gone:
    """Credits that went out, the last first; `line` is None for a transfer."""

    line: str | None
    app: str
    parts: deque[Part] = field(default_factory=deque)

    def between(self, start: Decimal, amount: Decimal) -> list[Part]:
        """Return a stretch of it, the first first."""
        found: list[Part] = []
        place, end = _ZERO, start + amount
        for part in reversed(self.parts):
            length = min(place + part.amount, end) - max(place, start)
            if length > 0:
                found.append(Part(part.paid, length, part.source))
            place += part.amount
        return found


def _take(queue: deque[Part], amount: Decimal, suits: Callable[[Part], bool]) -> list[Part]:
    """Take the parts that suit out of a queue, at most so much, and return them in order."""
    taken: list[Part] = []
    kept: list[Part] = []
    while amount and queue:
        part = queue.popleft()
        if not suits(part):
            kept.append(part)
            continue
        length = min(part.amount, amount)
        amount -= length
        taken.append(Part(part.paid, length, part.source))
        if part.amount > length:
            kept.append(Part(part.paid, part.amount - length, part.source))
    queue.extendleft(reversed(kept))
    return taken


def _all(_: Part) -> bool:
    return True


def _is_paid(part: Part) -> bool:
    return part.paid


def _is_free(part: Part) -> bool:
    return not part.paid


class Books:
    """Credits that came in and went out by month, line and app, and transfers between accounts.

    Attributes:
        refunded: The usages of which something came back.
        of_gifts: Where in its gift each redemption begins, by its id.
        passed: Credits that went from account to account, by gift, or by pool and its sequence.
        given: The keys of those that are new in it.
    """

    def __init__(self, refunded: set[str], of_gifts: dict[str, Decimal]) -> None:
        self.refunded = refunded
        self.of_gifts = of_gifts
        self.passed: dict[tuple[str, ...], Gone] = {}
        self.given: list[tuple[str, ...]] = []
        self._sums: dict[tuple[str, str, str, bool], Decimal] = defaultdict(lambda: _ZERO)
        self._debts: dict[str, Decimal] = defaultdict(lambda: _ZERO)

    def pass_on(self, key: tuple[str, ...]) -> Gone:
        """Return what goes to other accounts under a key, nothing at first."""
        self.given.append(key)
        return self.passed.setdefault(key, Gone(None, ""))

    def count(self, month: str, line: str, app: str, part: Part, sign: int = 1) -> None:
        """Count credits that came in or went out for good."""
        self._sums[month, line, app, part.paid] += sign * part.amount

    def count_debt(self, month: str, amount: Decimal) -> None:
        """Count what went out uncovered, or was covered."""
        self._debts[month] += amount

    def report(self, month: str) -> Iterator[tuple[str, str, Decimal, Decimal, Decimal]]:
        """Yield the lines of a month."""
        yield self._sum("opening", lambda each: each < month)
        for line in (*IN, *OUT):
            apps = {key[2] for key in self._sums if key[:2] == (month, line)}
            for app in sorted(apps) or [""]:
                paid, free = (
                    self._sums.get((month, line, app, kind), _ZERO) for kind in (True, False)
                )
                yield line, app, paid, free, paid + free
        yield self._sum("outstanding", lambda each: each <= month)
        debt = sum((debt for each, debt in self._debts.items() if each <= month), _ZERO)
        yield "debt", "", _ZERO, _ZERO, -debt

    def _sum(
        self, name: str, counts: Callable[[str], bool]
    ) -> tuple[str, str, Decimal, Decimal, Decimal]:
        sums = {True: _ZERO, False: _ZERO}
        for (month, line, _, paid), amount in self._sums.items():
            if counts(month):
                sums[paid] += amount if line in IN else -amount
        return name, "", sums[True], sums[False], sums[True] + sums[False]


_LINES = {
    "clawback": "clawed back",
    "expiry": "expired",
    "adjustment": "taken by support",
    "erasure": "forfeited",
}


def _given(entry: Entry) -> tuple[str, ...] | None:
    """Return what another account, or one's own gift, has to give for this entry."""
    if entry.type == "gift" and entry.amount > 0:
        return ("gift", entry.reference)
    if entry.type == "funding":
        return ("pool", entry.account_id, str(entry.sequence))
    return None


def _cause(entry: Entry) -> str:
    """Return what ties credits that come back to those that went out."""
    return entry.type if entry.type == "erasure" else entry.reference


class Account:
    """An account, walked through entry by entry."""

    def __init__(self, entries: Iterable[Entry], books: Books) -> None:
        self._entries = iter(entries)
        self._next: Entry | None = None
        self._kept = False
        self._books = books
        self._queue: deque[Part] = deque()
        self._uncovered: deque[tuple[Gone, Missing]] = deque()
        self._gone: dict[str, Gone] = {}

    def go_on(self) -> tuple[str, ...] | None:
        """Go on to the end, or until something comes in that another account has yet to give.

        Returns:
            The transfer that is waited for; None at the end.
        """
        while (entry := self._next or next(self._entries, None)) is not None:
            self._next = entry
            given = _given(entry)
            if given is not None and given not in self._books.passed:
                if not self._kept:
                    self._entries, self._kept = iter(list(self._entries)), True
                return given
            self._enter(entry)
            self._next = None
        return None

    def _enter(self, entry: Entry) -> None:
        month = entry.month
        given = _given(entry)
        if given is not None:
            start = self._books.of_gifts.get(entry.id, _ZERO) if entry.type == "gift" else _ZERO
            parts = self._books.passed[given].between(start, entry.amount)
            self._come_in(month, parts[::-1] if entry.reversal else parts, next_used=entry.reversal)
        elif entry.amount < 0:
            self._go_out(month, entry)
        elif entry.reversal:
            self._come_back(month, entry)
        else:
            bought = entry.type == "purchase"
            part = Part(bought, entry.amount, entry.reference if bought else entry.id)
            self._books.count(month, "sold" if bought else "granted", "", part)
            self._come_in(month, [part])

    def _come_back(self, month: str, entry: Entry) -> None:
        """Take back what went out: its uncovered part is covered, and the rest comes in."""
        gone = self._gone[_cause(entry)]
        amount = entry.amount
        for missing in (part for each, part in self._uncovered if each is gone):
            length = min(missing.amount, amount)
            missing.amount -= length
            amount -= length
            self._books.count_debt(month, -length)
        self._uncovered = deque(each for each in self._uncovered if each[1].amount)
        # An erasure gives back for a payment that went back.
        for suits in (_is_paid, _all) if entry.type == "erasure" else (_all,):
            parts = _take(gone.parts, amount, suits)
            for part in parts:
                amount -= part.amount
                self._books.count(month, gone.line or "", gone.app, part, -1)
            self._come_in(month, parts, next_used=True)

    def _go_out(self, month: str, entry: Entry) -> None:
        amount = -entry.amount
        gone = self._going(entry)
        for suits in self._preferred(entry):
            for part in _take(self._queue, amount, suits):
                amount -= part.amount
                self._leave(month, gone, part)
        if amount:
            self._uncovered.append((gone, Missing(amount)))
            self._books.count_debt(month, amount)

    def _preferred(self, entry: Entry) -> list[Callable[[Part], bool]]:
        """Return what an entry takes first, and what if that is not enough."""

        def own(part: Part) -> bool:
            return part.source == entry.reference

        match entry.type:
            case "expiry":
                return [own, _is_free, _all]
            case "clawback":
                return [own, _is_paid, _all]
            case "adjustment":
                return [_is_free, _all]
            case _:
                return [_all]

    def _going(self, entry: Entry) -> Gone:
        """Return what the entry's credits go out as, kept where some of it may come back."""
        match entry.type:
            case "gift":
                return self._books.pass_on(("gift", entry.reference))
            case "guild_funding":
                return self._books.pass_on(("pool", entry.other, entry.reference))
            case "usage":
                gone = Gone("spent", entry.app)
                if entry.id in self._books.refunded:
                    self._gone[entry.id] = gone
                return gone
            case _:
                return self._gone.setdefault(_cause(entry), Gone(_LINES[entry.type], ""))

    def _leave(self, month: str, gone: Gone, part: Part) -> None:
        gone.parts.appendleft(part)
        if gone.line is not None:
            self._books.count(month, gone.line, gone.app, part)

    def _come_in(self, month: str, parts: list[Part], *, next_used: bool = False) -> None:
        """Cover with it what went out uncovered; the rest is there to be used, last or next."""
        left: list[Part] = []
        for part in parts:
            amount = part.amount
            while amount and self._uncovered:
                gone, missing = self._uncovered[0]
                length = min(amount, missing.amount)
                amount -= length
                missing.amount -= length
                if not missing.amount:
                    self._uncovered.popleft()
                self._leave(month, gone, Part(part.paid, length, part.source))
                self._books.count_debt(month, -length)
            if amount:
                left.append(Part(part.paid, amount, part.source))
        if next_used:
            self._queue.extendleft(left)
        else:
            self._queue.extend(left)


def books_of(entries: Iterable[Entry], refunded: set[str], of_gifts: dict[str, Decimal]) -> Books:
    """Walk through all accounts, whose entries come one account after the other.

    An account that waits for what another one gives goes on when that has been walked through.
    """
    books = Books(refunded, of_gifts)
    waiting: dict[tuple[str, ...], list[Account]] = defaultdict(list)
    for _, own in groupby(entries, lambda entry: (entry.account_id, entry.kind)):
        ready = [Account(own, books)]
        while ready:
            account = ready.pop()
            needed = account.go_on()
            if needed is not None:
                waiting[needed].append(account)
            while books.given:
                ready += waiting.pop(books.given.pop(), [])
    if waiting:
        raise DeploymentError(f"the ledger does not say where {next(iter(waiting))} came from")
    return books


def _as_text(app: str) -> str:
    """Return an app as a spreadsheet shows it: users choose the name, and must give no formula."""
    return f"'{app}" if re.match(FORMULA, app) else app


def month_end(url: str, month: str) -> str:
    """Return the books of a month, such as `2026-06`, as CSV.

    Args:
        url: Names the database and a role that may read it (`credits_auditor`).
        month: The month, in UTC.

    Raises:
        DeploymentError: It is no month, or the ledger cannot be read.
    """
    if not _MONTH.fullmatch(month):
        raise DeploymentError("MONTH must look like 2026-06")
    try:
        with connect(url) as connection, connection.transaction():
            connection.execute("set transaction isolation level repeatable read read only")
            of_gifts: dict[str, Decimal] = dict(connection.execute(_OF_GIFTS).fetchall())
            refunded = {usage for (usage,) in connection.execute(_REFUNDED)}
            with connection.cursor(name="entries") as rows:
                rows.itersize = _ROWS_AT_ONCE
                books = books_of(map(Entry._make, rows.execute(_ENTRIES)), refunded, of_gifts)
    except psycopg.Error as error:
        raise DeploymentError(one_line(error)) from error
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line, app, *amounts in books.report(month):
        writer.writerow([line, _as_text(app), *(f"{amount.normalize():f}" for amount in amounts)])
    return text.getvalue()
