"""credits.get_balance of a moment: what it would have answered then."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, call, gift, give, redeem, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    HOUR,
    Payments,
    commit,
    erase,
    extend,
    figures,
    grant,
    let_grant_run_out,
    let_hold_run_out,
    refund,
    release,
    reserve,
)
from tests.sql.moments import Clock, later, noon, now

NAMES = ("balance", "total_earned", "total_spent", "reserved")


def kept(answer: Row) -> list[Decimal]:
    """The figures of an answer."""
    return [answer[name] for name in NAMES]


def test_user_never_seen_had_nothing(db: Connection) -> None:
    assert kept(figures(db, "nobody", now(db))) == [0, 0, 0, 0]


def test_nothing_was_there_before_the_first_movement(db: Connection) -> None:
    before = now(db)
    give(db, "u1", 10)
    assert kept(figures(db, "u1", before)) == [0, 0, 0, 0]


def test_each_movement_counts_from_its_own_moment_on(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    use(db, "u1", 4)
    give(db, "u1", 1)
    times = [row["created_at"] for row in ledger(owner, "u1")]
    just_before = [at - timedelta(microseconds=1) for at in times]
    assert [figures(db, "u1", at)["balance"] for at in times] == [10, 6, 7]
    assert [figures(db, "u1", at)["balance"] for at in just_before] == [0, 10, 6]


def test_moment_ahead_has_todays_balance(db: Connection) -> None:
    give(db, "u1", 10)
    assert kept(figures(db, "u1", later(db, HOUR))) == [10, 10, 0, 0]


@pytest.mark.parametrize(("moment", "expected"), [("infinity", 10), ("-infinity", 0)])
def test_end_of_time_is_a_moment_too(db: Connection, moment: str, expected: int) -> None:
    give(db, "u1", 10)
    answer = call(db, "credits.get_balance", user_id="u1", at=moment)
    assert answer["balance"] == expected


@pytest.mark.parametrize("user_id", ["", None, "a\nb"])
def test_what_cannot_be_a_user_is_refused(db: Connection, user_id: str | None) -> None:
    with refused(db, "UC001") as refusal:
        call(db, "credits.get_balance", user_id=user_id, at=now(db))
    assert list(refusal.details) == ["userId"]


def test_totals_are_those_of_the_moment(db: Connection) -> None:
    give(db, "u1", 10)
    usage = use(db, "u1", 4)["id"]
    at = now(db)
    refund(db, "u1", usage, 4)
    assert kept(figures(db, "u1", at)) == [6, 10, 4, 0]
    assert kept(figures(db, "u1", now(db))) == [10, 10, 0, 0]


@pytest.mark.parametrize("end", ["open", "released", "committed"])
def test_hold_is_reserved_while_it_lasts(db: Connection, end: str) -> None:
    give(db, "u1", 10)
    before = now(db)
    held = reserve(db, "u1", 4)
    during = now(db)
    if end == "released":
        release(db, held)
    elif end == "committed":
        commit(db, held, amount=3)
    assert kept(figures(db, "u1", before)) == [10, 10, 0, 0]
    assert kept(figures(db, "u1", during)) == [6, 10, 0, 4]
    ends = {"open": [6, 10, 0, 4], "released": [10, 10, 0, 0], "committed": [7, 10, 3, 0]}
    assert kept(figures(db, "u1", now(db))) == ends[end]


@pytest.mark.parametrize("written_down", [False, True])
def test_hold_is_free_from_the_end_of_its_time_on(
    db: Connection, clock: Clock, written_down: bool
) -> None:
    give(db, "u1", 10)
    held = reserve(db, "u1", 4, expires_in_seconds=1)
    clock.move_to(held["expires_at"])
    if written_down:
        give(db, "u1", 1)
    just_before = held["expires_at"] - timedelta(microseconds=1)
    assert kept(figures(db, "u1", just_before)) == [6, 10, 0, 4]
    assert kept(figures(db, "u1", held["expires_at"])) == [10, 10, 0, 0]


def test_extended_hold_is_reserved_until_its_new_end(db: Connection, clock: Clock) -> None:
    give(db, "u1", 10)
    held = reserve(db, "u1", 4, expires_in_seconds=60)
    ends = extend(db, held, 120)["expires_at"]
    clock.move_to(ends)
    give(db, "u1", 1)
    for at in (held["expires_at"], ends - timedelta(microseconds=1)):
        assert kept(figures(db, "u1", at)) == [6, 10, 0, 4]
    assert kept(figures(db, "u1", ends)) == [10, 10, 0, 0]


def test_hold_that_was_extended_for_months_is_reserved_all_the_time(
    db: Connection, clock: Clock
) -> None:
    give(db, "u1", 10)
    held = reserve(db, "u1", 4)
    moments = [clock.now()]
    for _ in range(3):
        ends = extend(db, held, 30 * 86_400)["expires_at"]
        clock.move_to(ends - timedelta(seconds=1))
        moments.append(clock.now())
    give(db, "u1", 1)
    commit(db, held)
    assert [kept(figures(db, "u1", at)) for at in moments] == [[6, 10, 0, 4]] * 4


def test_hold_of_thirty_days_is_reserved_all_the_time_where_a_day_had_23_hours(
    db: Connection, clock: Clock
) -> None:
    db.execute("set local timezone = 'Europe/Berlin'")
    clock.move_to(noon("2027-03-20"))
    give(db, "u1", 10)
    held = reserve(db, "u1", 4, expires_in_seconds=30 * 86_400)
    just_before = held["expires_at"] - timedelta(seconds=1)
    clock.move_to(held["expires_at"])
    assert kept(figures(db, "u1", just_before)) == [6, 10, 0, 4]


@pytest.mark.parametrize("written_down", [False, True])
def test_hold_is_free_between_its_end_and_its_extension(
    db: Connection, clock: Clock, written_down: bool
) -> None:
    give(db, "u1", 10)
    held = reserve(db, "u1", 4, expires_in_seconds=60)
    clock.move_to(held["expires_at"] + timedelta(seconds=30))
    if written_down:
        give(db, "u1", 1)
    between = clock.now()
    said = kept(figures(db, "u1"))
    extend(db, held, 60)
    after = clock.now()
    clock.advance(120)
    assert kept(figures(db, "u1", between)) == said
    assert kept(figures(db, "u1", after))[3] == 4
    assert kept(figures(db, "u1", held["expires_at"])) == [10, 10, 0, 0]


@pytest.mark.parametrize("written_down", [False, True])
def test_hold_is_free_between_its_end_and_its_late_commit(
    db: Connection, clock: Clock, written_down: bool
) -> None:
    give(db, "u1", 10)
    grant(db, "u1", 5, expires_in=90)
    held = reserve(db, "u1", 7, expires_in_seconds=60)
    clock.move_to(held["expires_at"])
    if written_down:
        give(db, "u1", 1)
    clock.advance(60)
    between = clock.now()
    said = kept(figures(db, "u1"))
    clock.advance(60)
    commit(db, held)
    assert kept(figures(db, "u1", between)) == said
    assert kept(figures(db, "u1", held["expires_at"] - timedelta(microseconds=1)))[3] == 7


@pytest.mark.parametrize("written_down", [False, True])
def test_dated_credits_are_gone_from_their_date_on(
    db: Connection, clock: Clock, written_down: bool
) -> None:
    give(db, "u1", 10)
    ends = later(db, HOUR)
    grant(db, "u1", 5, expires_at=ends)
    clock.move_to(ends)
    if written_down:
        give(db, "u1", 1)
    just_before = ends - timedelta(microseconds=1)
    assert kept(figures(db, "u1", just_before)) == [15, 15, 0, 0]
    assert kept(figures(db, "u1", ends)) == [10, 15, 5, 0]


def test_credits_that_came_back_after_their_date_were_not_there_before(
    db: Connection, owner: Owner
) -> None:
    give(db, "u1", 10)
    granted = grant(db, "u1", 5, expires_in=HOUR)
    usage = use(db, "u1", 5)["id"]
    let_grant_run_out(owner, granted)
    at = now(db)
    refund(db, "u1", usage, 5)
    assert kept(figures(db, "u1", at)) == [10, 15, 5, 0]
    assert kept(figures(db, "u1", now(db))) == [10, 15, 5, 0]


def test_credits_that_expired_in_a_hold_are_not_there_when_it_ran_out(
    db: Connection, owner: Owner
) -> None:
    give(db, "u1", 10)
    granted = grant(db, "u1", 5, expires_in=HOUR)
    held = reserve(db, "u1", 7)
    let_grant_run_out(owner, granted)
    let_hold_run_out(owner, held)
    at = now(db)
    said = kept(figures(db, "u1"))
    assert kept(figures(db, "u1", at)) == said == [10, 15, 5, 0]
    give(db, "u1", 1)
    assert kept(figures(db, "u1", at)) == said


def test_debt_is_told_as_it_was(db: Connection, owner: Owner, api: Api) -> None:
    payments = Payments.for_a_package(owner, api)
    bought = payments.buy("u1")
    use(db, "u1", 300)
    payments.refunded(bought, 1000)
    at = now(db)
    give(db, "u1", 1000)
    assert kept(figures(db, "u1", at)) == [-300, 500, 800, 0]


def test_past_of_an_erased_person_is_told_of_the_pseudonym(db: Connection) -> None:
    give(db, "u1", 10)
    at = now(db)
    pseudonym = erase(db, "u1")["pseudonym"]
    assert kept(figures(db, "u1", at)) == [0, 0, 0, 0]
    assert kept(figures(db, pseudonym, at)) == [10, 10, 0, 0]


class Life:
    """Random movements of u1, with holds and grants of very short times."""

    def __init__(self, db: Connection, clock: Clock, payments: Payments, seed: int) -> None:
        self.db = db
        self.clock = clock
        self.payments = payments
        self.random = Random(seed)  # noqa: S311
        self.holds: list[Row] = []
        self.usages: list[Row] = []
        self.purchases: list[Row] = []
        self.count = 0

    def amount(self) -> Decimal:
        return Decimal(self.random.randint(1, 3_000_000)) / 10**6

    def give(self) -> None:
        give(self.db, "u1", self.amount())

    def use(self) -> None:
        self.usages.append(use(self.db, "u1", self.amount()))

    def grant(self) -> None:
        self.count += 1
        seconds = self.random.choice([0.02, 0.05, 0.1, 0.2, 0.5, HOUR])
        ends = self.clock.now() + timedelta(seconds=seconds)
        grant(self.db, "u1", self.amount(), f"r{self.count}", expires_at=ends)

    def reserve(self) -> None:
        seconds = self.random.choice([1, 1, 60])
        self.holds.append(reserve(self.db, "u1", self.amount(), expires_in_seconds=seconds))

    def extend(self) -> None:
        extend(self.db, self.random.choice(self.holds), self.random.choice([1, 1, 60]))

    def release(self) -> None:
        release(self.db, self.random.choice(self.holds))

    def commit(self) -> None:
        commit(self.db, self.random.choice(self.holds), amount=self.amount())

    def refund(self) -> None:
        refund(self.db, "u1", self.random.choice(self.usages)["id"], self.amount())

    def buy(self) -> None:
        self.purchases.append(self.payments.buy("u1"))

    def claw_back(self) -> None:
        self.payments.refunded(self.random.choice(self.purchases), self.random.randint(1, 1000))

    def dispute(self) -> None:
        status = self.random.choice(["open", "won", "lost"])
        self.payments.disputed(self.random.choice(self.purchases), status, 400)

    def give_away(self) -> None:
        made = gift(self.db, "u1", 2, total_portions=2)
        redeem(self.db, made["code"], "u2")
        call(self.db, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1")

    def operations(self) -> list[Callable[[], None]]:
        """The acts that can be done already."""
        possible = [self.give, *[self.use] * 2, *[self.grant] * 3, *[self.reserve] * 2, self.buy]
        if self.holds:
            possible += [self.release, self.commit, self.extend]
        if self.usages:
            possible += [self.refund] * 2
        if self.purchases:
            possible += [self.claw_back, self.dispute]
        return [*possible, self.give_away]

    def step(self) -> None:
        """Do something a little later; a refusal does nothing."""
        self.clock.advance(self.random.uniform(0, 0.02))
        operation = self.random.choice(self.operations())
        try:
            with self.db.transaction():
                operation()
        except Exception as refusal:
            if not str(getattr(refusal, "sqlstate", "")).startswith("UC"):
                raise


def test_what_was_said_at_any_moment_is_said_of_that_moment_later(
    db: Connection, owner: Owner, api: Api, clock: Clock
) -> None:
    life = Life(db, clock, Payments.for_a_package(owner, api, credits=10), seed=20261122)
    said: list[tuple[datetime, list[Decimal], datetime]] = []
    # Long enough for the holds of a second to end.
    for _ in range(150):
        life.step()
        before = clock.now()
        said.append((before, kept(figures(db, "u1")), clock.now()))
    # A hold or lot that ends during the answer may count or not.
    different = [
        answer
        for before, answer, after in said
        if kept(figures(db, "u1", before)) != answer != kept(figures(db, "u1", after))
    ]
    assert different == []
