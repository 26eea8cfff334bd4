"""The account of a user: a balance, what is held of it, and which of it has a date."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)

Answer = dict[str, Any]


@dataclass
class Dated:
    """Credits that expire; `number` is their place in the order of granting."""

    number: int
    remaining: Decimal
    expires_at: datetime


@dataclass
class Hold:
    """Credits set aside, of a user or of a pool; `cause` is what they were taken as."""

    name: str
    cause: str
    owner: Any
    user_id: str
    amount: Decimal
    expires_at: datetime
    day: Any = None
    status: str = "held"
    committed: Decimal = ZERO
    late: bool = False
    after_end: Decimal | None = None
    freed: Decimal = ZERO


@dataclass
class Account:
    """A user's credits. Dated ones are spent first, and come back last."""

    balance: Decimal = ZERO
    reserved: Decimal = ZERO
    earned: Decimal = ZERO
    spent: Decimal = ZERO
    forfeited: Decimal = ZERO
    dated: list[Dated] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    frozen: bool = False
    # By day, by ISO week and by month.
    limits: tuple[Decimal | None, ...] = (None, None, None)
    spending: defaultdict[Any, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    answers: dict[str, tuple[Any, Answer]] = field(default_factory=dict)
    grants: dict[str, Answer] = field(default_factory=dict)
    # The keys and the references of those who had the id before and were erased.
    buried: set[str] = field(default_factory=set)
    # Dated credits that each cause has taken (negative) and given back, by number.
    moves: defaultdict[str, list[tuple[int, Decimal]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def post(
        self, amount: Decimal, cause: str, *, reversal: bool = False, dated: bool = True
    ) -> Answer:
        """Move credits and tell how the account stands right after it."""
        self.balance += amount
        if amount > 0 and not reversal:
            self.earned += amount
        else:
            self.spent -= amount
        if amount < 0 and dated:
            self.take(cause, -amount)
        return {
            "id": cause,
            "amount": amount,
            "balance": self.balance,
            "total_earned": self.earned,
            "total_spent": self.spent,
            "reserved": self.reserved,
            "replayed": False,
        }

    def take(self, cause: str, amount: Decimal) -> None:
        """Count a debit against the dated credits, soonest to expire first."""
        for dated in self._open():
            part = min(amount, dated.remaining)
            if part > 0:
                dated.remaining -= part
                self.moves[cause].append((dated.number, -part))
                amount -= part

    def give_back(self, cause: str, total: Decimal, given_before: Decimal, amount: Decimal) -> None:
        """Give back what a cause took: first what had no date, then what expires last."""
        moves = self.moves[cause]
        taken = -sum((part for _, part in moves if part < 0), ZERO)
        returned = sum((part for _, part in moves if part > 0), ZERO)
        left = amount - ((total - taken) - (given_before - returned))
        for dated in sorted(self.dated, key=lambda one: (one.expires_at, one.number))[::-1]:
            part = min(left, -sum((p for number, p in moves if number == dated.number), ZERO))
            if part > 0:
                dated.remaining += part
                moves.append((dated.number, part))
                left -= part
        self.repay()

    def repay(self) -> None:
        """A debt is repaid first: no more is dated than there is."""
        excess = sum((one.remaining for one in self.dated), ZERO) - max(self.balance, ZERO)
        for dated in self._open():
            part = min(max(excess, ZERO), dated.remaining)
            dated.remaining -= part
            excess -= part

    def expire(self, now: datetime) -> None:
        """Let go what is past its date."""
        for dated in self.dated:
            if dated.expires_at <= now:
                self.balance -= dated.remaining
                self.spent += dated.remaining
                dated.remaining = ZERO

    def end(self, hold: Hold, status: str) -> None:
        """End a hold; its credits are free again."""
        hold.status = status
        self.reserved -= hold.amount
        self.balance += hold.amount
        self.spending[hold.day] -= hold.amount

    def windows(self, day: Any) -> tuple[Decimal, ...]:
        """The credits used and held of a day, of its ISO week and of its month."""
        week, month = day.isocalendar()[:2], (day.year, day.month)
        return (
            self.spending.get(day, ZERO),
            sum((a for d, a in self.spending.items() if d.isocalendar()[:2] == week), ZERO),
            sum((a for d, a in self.spending.items() if (d.year, d.month) == month), ZERO),
        )

    def settle(self, now: datetime) -> None:
        """Do what time has done: end holds, expire credits."""
        for hold in sorted(self.holds, key=lambda one: one.expires_at):
            if hold.status == "held" and hold.expires_at <= now:
                self.end(hold, "expired")
                self.give_back(hold.cause, hold.amount, ZERO, hold.amount)
        self.expire(now)

    def _open(self) -> list[Dated]:
        found = [dated for dated in self.dated if dated.remaining > 0]
        return sorted(found, key=lambda one: (one.expires_at, one.number))


@dataclass
class Pool:
    """A guild's credits, and what its members have spent and hold of them by day."""

    balance: Decimal = ZERO
    reserved: Decimal = ZERO
    funded: Decimal = ZERO
    spent: Decimal = ZERO
    holds: list[Hold] = field(default_factory=list)
    answers: dict[str, tuple[Any, Answer]] = field(default_factory=dict)
    # Keys of members who were erased, and who was blocked when they were.
    buried: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    limits: dict[str, tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)
    spending: defaultdict[tuple[str, Any], Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )

    def answer(self, name: str, amount: Decimal) -> Answer:
        """Return how the pool stands after a movement."""
        return {
            "id": name,
            "amount": amount,
            "balance": self.balance,
            "total_spent": self.spent,
            "reserved": self.reserved,
            "replayed": False,
        }

    def end(self, hold: Hold, status: str) -> None:
        """End a hold; its credits are free again, and count no more."""
        hold.status = status
        self.reserved -= hold.amount
        self.balance += hold.amount
        self.spending[hold.user_id, hold.day] -= hold.amount

    def settle(self, now: datetime) -> None:
        """End the holds that are past their time."""
        for hold in self.holds:
            if hold.status == "held" and hold.expires_at <= now:
                self.end(hold, "expired")

    def windows(self, user_id: str, day: Any) -> tuple[Decimal, Decimal]:
        """The credits that a member has spent and holds, of a day and of its month so far."""
        month = [
            amount
            for (who, then), amount in self.spending.items()
            if who == user_id and then.replace(day=1) == day.replace(day=1) and then <= day
        ]
        return self.spending.get((user_id, day), ZERO), sum(month, ZERO)
