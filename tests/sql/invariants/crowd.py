"""Callers who do everything at random at once, and what their answers add up to."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import psycopg

from tests.databases import Connection
from tests.sql.calls import Row, call, fund, gift, give, limit, redeem, use, use_guild
from tests.sql.lifecycle import (
    Payments,
    commit,
    extend,
    figures,
    grant,
    refund,
    release,
    reserve,
    spending,
)
from tests.sql.moments import later, now

USERS = [f"u{n}" for n in range(12)]
GUILDS = [f"g{n}" for n in range(3)]
# Their limits stay as they are set in the beginning.
LIMITED = USERS[:2]
DAILY_LIMIT = Decimal(40)
SHORT_TIMES = [0.05, 0.1, 0.3, 0.8]
# The ends of the disputes about each payment.
DISPUTES = {"dp_1": "won", "dp_2": "lost"}
MICRO = Decimal("0.000001")
# Refusals that are to be expected, and those that may come; anything else fails the test.
EXPECTED = {
    "UC002",  # insufficient credits
    "UC003",  # limit
    "UC004",  # key of another request
    "UC010",  # more than is left to refund
    "UC012",  # released
    "UC013",  # committed
    "UC015",  # more than is reserved
    "UG002",  # gift used up or cancelled
}
POSSIBLE = {
    "UC001",  # a date that passed while the call waited for its turn
    "UG008",  # too many failed attempts
}


@dataclass
class Shared:
    """The knowledge that callers have of each other's doings."""

    gifts: list[Row] = field(default_factory=list)
    holds: list[Row] = field(default_factory=list)
    usages: list[tuple[str, Any]] = field(default_factory=list)
    purchases: list[Row] = field(default_factory=list)


@dataclass
class Sums:
    """The sums of the answers of one or all callers."""

    # By user or guild: what came in less what went out, but for the ends of gifts and of payments.
    owned: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    entered: Decimal = Decimal()
    left: Decimal = Decimal()
    dated: Decimal = Decimal()
    portions: Counter[Any] = field(default_factory=Counter)
    cancelled: set[Any] = field(default_factory=set)
    refunded_cents: Counter[Any] = field(default_factory=Counter)
    disputes: dict[tuple[Any, str], str] = field(default_factory=dict)
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)

    def enter(self, account: str, amount: Decimal) -> None:
        """Credits came from outside."""
        self.owned[account] += amount
        self.entered += amount

    def leave(self, account: str, amount: Decimal) -> None:
        """Credits were used, or with a negative amount brought back."""
        self.owned[account] -= amount
        self.left += amount

    def add(self, other: "Sums") -> None:
        """Add another caller's."""
        for account, amount in other.owned.items():
            self.owned[account] += amount
        self.entered += other.entered
        self.left += other.left
        self.dated += other.dated
        self.portions += other.portions
        self.cancelled |= other.cancelled
        # Whoever tells of a payment tells how it stands at Stripe: all alike.
        self.refunded_cents |= other.refunded_cents
        self.disputes |= other.disputes
        self.ends += other.ends

    def close(self, shared: Shared, ended: set[Any]) -> None:
        """Add what gifts that have ended gave back, and what payments that went back took."""
        for made in shared.gifts:
            if made["id"] in ended | self.cancelled:
                claimed = self.portions[made["id"]] * made["credits_per_portion"]
                self.owned[made["creator_id"]] += made["total_credits"] - claimed
        for purchase in shared.purchases:
            self.leave(purchase["user_id"], self._clawed_back(purchase))

    def _clawed_back(self, purchase: Row) -> Decimal:
        cents = self.refunded_cents[purchase["purchase_id"]]
        for (disputed, _), status in self.disputes.items():
            if disputed == purchase["purchase_id"] and status != "won":
                cents += 300
        price = int(purchase["price_euro_cents"])
        share = Decimal(purchase["credits"]) * min(cents, price) / price
        return share.quantize(MICRO, ROUND_HALF_UP)


class Caller:
    """One connection that does things at random."""

    def __init__(self, connection: Connection, package: Row, shared: Shared, seed: int) -> None:
        self.db = connection
        self.payments = Payments(connection, package)
        self.shared = shared
        self.random = Random(seed)  # noqa: S311
        self.sums = Sums()
        self.made = 0

    def user(self) -> str:
        return self.random.choice(USERS)

    def guild(self) -> str:
        return self.random.choice(GUILDS)

    def amount(self) -> Decimal:
        return Decimal(self.random.randint(1, 12_000_000)) * MICRO

    def key(self) -> str | None:
        return self.random.choice([None, None, f"k{self.random.randint(0, 400)}"])

    def short(self) -> float:
        return self.random.choice(SHORT_TIMES)

    def reference(self) -> str:
        self.made += 1
        return f"{id(self)}-{self.made}"

    def give(self) -> None:
        answer = give(self.db, self.user(), self.amount(), idempotency_key=self.key())
        if not answer["replayed"]:
            self.sums.enter(answer["user_id"], answer["amount"])

    def grant(self) -> None:
        user_id, amount = self.user(), self.amount()
        reference = self.random.choice([self.reference(), f"r{self.random.randint(0, 50)}"])
        expires_in = self.random.choice([None, 60, self.short(), self.short()])
        answer = grant(self.db, user_id, amount, reference, expires_in=expires_in)
        if not answer["already_granted"]:
            self.sums.enter(user_id, amount)
            self.sums.dated += amount if expires_in else 0

    def use(self) -> None:
        answer = use(self.db, self.user(), self.amount(), idempotency_key=self.key())
        if not answer["replayed"]:
            self.sums.leave(answer["user_id"], -answer["amount"])
            self.shared.usages.append((answer["user_id"], answer["id"]))

    def use_guild(self) -> None:
        answer = use_guild(
            self.db, self.guild(), self.user(), self.amount(), idempotency_key=self.key()
        )
        if not answer["replayed"]:
            self.sums.leave(answer["organization_id"], -answer["amount"])
            self.shared.usages.append((answer["user_id"], answer["id"]))

    def fund(self) -> None:
        answer = fund(self.db, self.user(), self.guild(), self.amount(), idempotency_key=self.key())
        if not answer["replayed"]:
            self.sums.owned[answer["user_id"]] += answer["amount"]
            self.sums.owned[answer["guild_id"]] -= answer["amount"]

    def refund(self) -> None:
        user_id, usage = self.random.choice(self.shared.usages[-100:])
        answer = refund(self.db, user_id, usage, self.amount(), idempotency_key=self.key())
        if not answer["replayed"]:
            self.sums.leave(answer["guild_id"] or user_id, -answer["amount"])

    def limit(self) -> None:
        user_id = self.random.choice([user for user in USERS if user not in LIMITED])
        daily = self.random.choice([None, 0, 20, 100])
        limit(self.db, self.guild(), user_id, daily_limit=daily, monthly_limit=daily)

    def reserve(self) -> None:
        user_id = self.user()
        guild_id = self.random.choice([None, self.guild()])
        held = reserve(
            self.db,
            user_id,
            self.amount(),
            guild_id=guild_id,
            idempotency_key=self.key(),
            expires_in_seconds=self.random.choice([1, 1, 60]),
        )
        self.shared.holds.append({**held, "user_id": user_id, "account": guild_id or user_id})

    def hold(self) -> Row:
        """Return a hold: mostly of the newest, else of those that may have run out."""
        return self.random.choice(self.shared.holds[-self.random.choice([20, 20, 400]) :])

    def commit(self) -> None:
        held = self.hold()
        answer = commit(self.db, held, amount=self.random.choice([None, self.amount()]))
        if not answer["replayed"]:
            self.sums.leave(held["account"], answer["committed"])
            self.shared.usages.append((held["user_id"], answer["transaction_id"]))

    def extend(self) -> None:
        extend(self.db, self.hold(), self.random.choice([1, 1, 60]))

    def release(self) -> None:
        release(self.db, self.hold())

    def create_gift(self) -> None:
        creator_id = self.user()
        parts: dict[str, Any] = self.random.choice(
            [
                {"total_portions": 3},
                {"total_portions": 3, "expires_at": later(self.db, 10 * self.short() / 8)},
                {"type": "first_come", "total_portions": 2},
                {"target_email": f"{self.user()}@example.org"},
            ]
        )
        amount = self.random.randint(3, 12)
        made = gift(self.db, creator_id, amount, idempotency_key=self.key(), **parts)
        if not made["replayed"]:
            self.sums.owned[creator_id] -= made["total_credits"]
            self.shared.gifts.append({**made, "creator_id": creator_id})

    def redeem(self) -> None:
        made = self.random.choice(self.shared.gifts[-20:])
        user_id = self.user()
        answer = redeem(
            self.db,
            made["code"],
            user_id,
            email=f"{user_id}@example.org",
            idempotency_key=self.key(),
        )
        if answer["status"] == "success" and not answer["replayed"]:
            self.sums.owned[user_id] += answer["credits_received"]
            self.sums.portions[made["id"]] += 1

    def redeem_pending(self) -> None:
        user_id = self.user()
        answer = call(
            self.db,
            "gifts.redeem_pending_gifts",
            user_id=user_id,
            email=f"{user_id}@example.org",
        )
        self.sums.owned[user_id] += answer["total_credits"]

    def cancel(self) -> None:
        made = self.random.choice(self.shared.gifts[-20:])
        # Whoever redeems pending gifts is not told which: so these stay.
        if made["target_email"] is None:
            call(self.db, "gifts.cancel_gift", gift_id=made["id"], creator_id=made["creator_id"])
            self.sums.cancelled.add(made["id"])

    def buy(self) -> None:
        purchase = self.payments.begin(self.user())
        self.shared.purchases.append(purchase)
        self._complete(purchase)

    def complete(self) -> None:
        self._complete(self.random.choice(self.shared.purchases[-10:]))

    def _complete(self, purchase: Row) -> None:
        if self.payments.complete(purchase)["outcome"] == "completed":
            self.sums.enter(purchase["user_id"], purchase["credits"])

    def refund_payment(self) -> None:
        purchase = self.random.choice(self.shared.purchases[-20:])
        cents = purchase["purchase_id"].int % 1000 + 1
        self.payments.refunded(purchase, cents)
        self.sums.refunded_cents[purchase["purchase_id"]] = cents

    def dispute(self) -> None:
        purchase = self.random.choice(self.shared.purchases[-20:])
        dispute, status = self.random.choice(list(DISPUTES.items()))
        self.payments.disputed(purchase, status, 300, dispute)
        self.sums.disputes[purchase["purchase_id"], dispute] = status

    def sweep(self) -> None:
        call(self.db, "credits.expire_due", limit=self.random.randint(1, 20))
        call(self.db, "gifts.expire_gifts", limit=self.random.randint(1, 5))

    def read(self) -> None:
        user_id = self.user()
        figures(self.db, user_id)
        figures(self.db, user_id, now(self.db) - timedelta(seconds=self.short()))
        spending(self.db, self.guild(), user_id)

    def explain(self) -> None:
        call(
            self.db,
            "credits.explain_use",
            user_id=self.user(),
            amount=self.amount(),
            app_id="chat",
            guild_id=self.random.choice([None, self.guild()]),
        )

    def operations(self) -> list[Callable[[], None]]:
        """The acts that can be done, each as often as it shall be likely."""
        always = [*[self.give] * 3, *[self.grant] * 4, *[self.use] * 4, *[self.use_guild] * 2]
        always += [*[self.fund] * 2, *[self.reserve] * 4, self.limit, self.redeem_pending]
        always += [*[self.create_gift] * 2, self.buy, self.sweep, self.read, self.explain]
        later_on: list[tuple[list[Any], list[Callable[[], None]]]] = [
            (self.shared.usages, [self.refund] * 2),
            (self.shared.holds, [*[self.commit] * 3, self.release, self.extend]),
            (self.shared.gifts, [*[self.redeem] * 3, self.cancel]),
            (self.shared.purchases, [self.complete, self.refund_payment, self.dispute]),
        ]
        for known, possible in later_on:
            always += possible if known else []
        return always

    def run(self, times: int) -> Sums:
        """Do so many things."""
        for _ in range(times):
            operation = self.random.choice(self.operations())
            end = "done"
            try:
                operation()
            except psycopg.Error as error:
                end = str(error.sqlstate)
                if end not in EXPECTED | POSSIBLE:
                    raise
            self.sums.ends[operation.__name__, end] += 1
        return self.sums
