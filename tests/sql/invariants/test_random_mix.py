"""Books balance, whatever is done in whatever order."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import psycopg

from tests.databases import Connection, Database
from tests.sql.books import add_package, run_out
from tests.sql.calls import call, fund, gift, give, limit, redeem, rows, use, use_guild

OPERATIONS = 6000
USERS = [f"u{n}" for n in range(6)]
GUILDS = [f"g{n}" for n in range(3)]
# Refusals that are to be expected; anything else fails the test.
EXPECTED = {"UC002", "UC003", "UC004", "UC005", "UC018", "UG002", "UG005", "UG008"}


class Mix:
    """Random calls, remembering what they need of each other."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.db = connection
        self.random = Random(seed)  # noqa: S311
        self.gifts: list[dict[str, Any]] = []
        self.package = add_package(connection)["id"]
        self.purchases: list[tuple[str, object]] = []

    def user(self) -> str:
        return self.random.choice(USERS)

    def guild(self) -> str:
        return self.random.choice(GUILDS)

    def amount(self) -> Decimal:
        return Decimal(self.random.randint(1, 10**8)).scaleb(-self.random.randint(4, 6))

    def key(self) -> str | None:
        return self.random.choice([None, f"k{self.random.randint(0, OPERATIONS // 10)}"])

    def give(self) -> None:
        give(self.db, self.user(), self.amount(), idempotency_key=self.key())

    def use(self) -> None:
        use(self.db, self.user(), self.amount(), idempotency_key=self.key())

    def use_all(self) -> None:
        user_id = self.user()
        figures = call(self.db, "credits.get_balance", user_id=user_id)
        if 0 < figures["balance"] < 10**9:
            use(self.db, user_id, figures["balance"])

    def open_pool(self) -> None:
        call(self.db, "credits.init_guild_pool", organization_id=self.guild())

    def fund(self) -> None:
        fund(self.db, self.user(), self.guild(), self.amount(), idempotency_key=self.key())

    def use_guild(self) -> None:
        use_guild(self.db, self.guild(), self.user(), self.amount(), idempotency_key=self.key())

    def limit(self) -> None:
        limits = [None, 0, self.amount() * 10]
        limit(
            self.db,
            self.guild(),
            self.user(),
            daily_limit=self.random.choice(limits),
            monthly_limit=self.random.choice(limits),
        )

    def create_gift(self) -> None:
        credits_given = self.random.randint(20, 200)
        parts: dict[str, Any] = self.random.choice(
            [
                {},
                {"type": "first_come", "total_portions": self.random.randint(1, 9)},
                {"total_portions": self.random.randint(2, 9)},
                {"target_email": f"{self.user()}@example.com"},
                {"riddle_question": "Who?", "riddle_answer": "I", "total_portions": 2},
            ]
        )
        self.gifts.append(
            gift(self.db, self.user(), credits_given, idempotency_key=self.key(), **parts)
        )

    def redeem(self) -> None:
        if self.gifts:
            user_id = self.user()
            redeem(
                self.db,
                self.random.choice(self.gifts[-4:])["code"],
                user_id,
                email=f"{user_id}@example.com",
                riddle_answer=self.random.choice([None, "I", "You"]),
                idempotency_key=self.key(),
            )

    def guess(self) -> None:
        if self.gifts:
            user_id, code = self.user(), self.gifts[-1]["code"]
            for _ in range(6):
                redeem(self.db, code, user_id, riddle_answer="You")

    def redeem_pending(self) -> None:
        user_id = self.user()
        call(
            self.db,
            "gifts.redeem_pending_gifts",
            user_id=user_id,
            email=f"{user_id}@example.com",
        )

    def cancel(self) -> None:
        if self.gifts:
            gift_id = self.random.choice(self.gifts)["id"]
            (row,) = self.db.execute(
                "select creator_id from gifts.gift_codes where id = %s", (gift_id,)
            ).fetchall()
            call(self.db, "gifts.cancel_gift", gift_id=gift_id, creator_id=row["creator_id"])

    def expire(self) -> None:
        if self.gifts:
            run_out(self.db, self.random.choice(self.gifts)["code"])
        call(self.db, "gifts.expire_gifts", limit=self.random.randint(1, 3))

    def begin_purchase(self) -> None:
        user_id = self.user()
        begun = call(self.db, "credits.begin_purchase", user_id=user_id, package_id=self.package)
        self.purchases.append((user_id, begun["purchase_id"]))

    def complete_purchase(self) -> None:
        if self.purchases:
            user_id, purchase_id = self.random.choice(self.purchases[-5:])
            call(
                self.db,
                "credits.complete_purchase",
                user_id=user_id,
                purchase_id=purchase_id,
                amount_cents=self.random.choice([499, 499, 1]),
                currency="eur",
            )

    def fail_purchase(self) -> None:
        if self.purchases:
            user_id, purchase_id = self.random.choice(self.purchases[-5:])
            status = self.random.choice(["processing", "failed", "cancelled"])
            call(
                self.db,
                "credits.fail_purchase",
                user_id=user_id,
                purchase_id=purchase_id,
                status=status,
            )

    def operations(self) -> list[Callable[[], None]]:
        return [
            *[self.give, self.use] * 3,
            self.use_all,
            self.open_pool,
            *[self.fund, self.use_guild] * 2,
            self.limit,
            *[self.create_gift] * 2,
            *[self.redeem] * 5,
            self.guess,
            self.redeem_pending,
            self.cancel,
            self.expire,
            self.begin_purchase,
            self.complete_purchase,
            self.fail_purchase,
        ]

    def run(self, times: int) -> Counter[tuple[str, str]]:
        """Make as many random calls; return how many of each name ended in which way."""
        ends: Counter[tuple[str, str]] = Counter()
        operations = self.operations()
        for _ in range(times):
            operation = self.random.choice(operations)
            try:
                operation()
            except psycopg.Error as error:
                if error.sqlstate not in EXPECTED:
                    raise
                ends[operation.__name__, str(error.sqlstate)] += 1
            else:
                ends[operation.__name__, "done"] += 1
        return ends


def test_books_balance_after_a_random_mix_of_everything(database: Database) -> None:
    connection = database.connect()
    mix = Mix(connection, seed=20261122)
    ends = mix.run(OPERATIONS)
    done = {name for name, end in ends if end == "done"}
    refused = {end for _, end in ends} - {"done"}
    assert done == {operation.__name__ for operation in mix.operations()}
    assert refused == EXPECTED
    found = rows(connection, "credits.reconcile")
    assert {row["check_name"]: row["discrepancies"] for row in found if row["discrepancies"]} == {}
