"""A month's books: paid and free credits first-in-first-out, from the ledger alone."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from deploy.month_end import Books, Entry, books_of
from tests.databases import Database
from tests.deployments import assert_stopped, month_end
from tests.sql.calls import fund, gift, give, pool, redeem, use, use_guild
from tests.sql.lifecycle import Payments, commit, erase, grant, refund, reserve
from tests.sql.moments import Clock

VARIABLE = "RECONCILE_DATABASE_URL"
JUNE, JULY = "2026-06", "2026-07"


class Ledger:
    """Entries by hand, the newest last."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.month = JUNE

    def add(
        self,
        account: str,
        what: str,
        amount: object,
        reference: str = "",
        *,
        other: str = "",
        app: str = "",
        reversal: bool = False,
        kind: str = "person",
    ) -> str:
        """Add an entry, and return its id."""
        sequence = 1 + sum((row.account_id, row.kind) == (account, kind) for row in self._entries)
        entry_id = f"{len(self._entries):04}"
        self._entries.append(
            Entry(
                account,
                kind,
                sequence,
                entry_id,
                self.month,
                what,
                reversal,
                Decimal(str(amount)),
                app,
                reference,
                other,
            )
        )
        return entry_id

    def books(self) -> Books:
        """Return what they come to."""
        refunded = {row.reference for row in self._entries if row.type == "refund" and row.reversal}
        begins: dict[str, Decimal] = {}
        of_gifts: dict[str, Decimal] = {}
        for row in self._entries:
            if row.type == "gift" and row.amount > 0:
                of_gifts[row.id] = begins.get(row.reference, Decimal(0))
                begins[row.reference] = of_gifts[row.id] + row.amount
        in_order = sorted(self._entries, key=lambda row: (row.account_id, row.kind, row.sequence))
        return books_of(in_order, refunded, of_gifts)

    def lines(self, month: str = JUNE) -> dict[str, tuple[float, float]]:
        """Return paid and free of each line that is not empty; of what was used by app."""
        return {
            f"{line} {app}".strip(): (float(paid), float(free))
            for line, app, paid, free, total in self.books().report(month)
            if paid or free or (total and line != "debt")
        }

    def debt(self, month: str = JUNE) -> float:
        """Return what went out uncovered."""
        return float(-next(row[4] for row in self.books().report(month) if row[0] == "debt"))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_what_came_in_first_is_used_first(ledger: Ledger) -> None:
    ledger.add("u", "grant", 10)
    ledger.add("u", "purchase", 100, "p1")
    ledger.add("u", "grant", 50)
    ledger.add("u", "usage", -30, app="chat")
    ledger.add("u", "usage", -100, app="images")
    assert ledger.lines() == {
        "sold": (100, 0),
        "granted": (0, 60),
        "spent chat": (20, 10),
        "spent images": (80, 20),
        "outstanding": (0, 30),
    }


def test_a_month_begins_with_what_the_one_before_left(ledger: Ledger) -> None:
    ledger.add("u", "purchase", 100, "p1")
    ledger.add("u", "usage", -30, app="chat")
    ledger.month = JULY
    ledger.add("u", "usage", -20, app="chat")
    before = ledger.lines()
    assert ledger.lines(JULY) == {
        "opening": (70, 0),
        "spent chat": (20, 0),
        "outstanding": (50, 0),
    }
    assert ledger.lines("2026-08") == {"opening": (50, 0), "outstanding": (50, 0)}
    ledger.month = "2026-08"
    ledger.add("u", "refund", 20, ledger.add("u", "usage", -50, app="chat"), reversal=True)
    assert ledger.lines() == before


def test_a_refund_restores_what_the_usage_took(ledger: Ledger) -> None:
    ledger.add("u", "grant", 10)
    ledger.add("u", "purchase", 100, "p1")
    usage = ledger.add("u", "usage", -30, app="chat")
    ledger.month = JULY
    for amount in (15, 15):
        ledger.add("u", "refund", amount, usage, app="other", reversal=True)
    assert ledger.lines(JULY) == {
        "opening": (80, 0),
        "spent chat": (-20, -10),
        "outstanding": (100, 10),
    }
    ledger.add("u", "usage", -12, app="images")
    assert ledger.lines(JULY)["spent images"] == (2, 10)


def test_a_refund_without_a_usage_is_given(ledger: Ledger) -> None:
    ledger.add("u", "refund", 5)
    assert ledger.lines() == {"granted": (0, 5), "outstanding": (0, 5)}


def test_what_expires_is_taken_from_its_grant(ledger: Ledger) -> None:
    ledger.add("u", "grant", 10)
    ledger.add("u", "purchase", 100, "p1")
    dated = ledger.add("u", "grant", 50)
    ledger.add("u", "expiry", -50, dated)
    ledger.add("u", "usage", -20, app="chat")
    assert ledger.lines() == {
        "sold": (100, 0),
        "granted": (0, 60),
        "expired": (0, 50),
        "spent chat": (10, 10),
        "outstanding": (90, 0),
    }


def test_a_chargeback_takes_its_purchase_and_then_other_paid_credits(ledger: Ledger) -> None:
    ledger.add("u", "purchase", 100, "p1")
    ledger.add("u", "grant", 50)
    ledger.add("u", "purchase", 100, "p2")
    ledger.add("u", "usage", -30, app="chat")
    ledger.add("u", "clawback", -100, "p1")
    assert ledger.lines()["clawed back"] == (100, 0)
    ledger.add("u", "usage", -60, app="images")
    assert ledger.lines()["spent images"] == (10, 50)
    ledger.add("u", "clawback", 40, "p1", reversal=True)
    assert ledger.lines()["clawed back"] == (60, 0)
    assert ledger.lines()["outstanding"] == (100, 0)


def test_what_support_takes_is_free_if_any_is(ledger: Ledger) -> None:
    ledger.add("u", "purchase", 100, "p1")
    ledger.add("u", "grant", 50)
    ledger.add("u", "adjustment", -60)
    assert ledger.lines()["taken by support"] == (10, 50)


def test_a_debt_counts_when_it_is_covered(ledger: Ledger) -> None:
    ledger.add("u", "grant", 10)
    ledger.add("u", "usage", -30, app="chat")
    assert ledger.debt() == 20
    assert ledger.lines() == {"granted": (0, 10), "spent chat": (0, 10)}
    ledger.month = JULY
    ledger.add("u", "purchase", 100, "p1")
    assert ledger.debt(JULY) == 0
    assert ledger.lines(JULY) == {
        "sold": (100, 0),
        "spent chat": (20, 0),
        "outstanding": (80, 0),
    }
    assert ledger.debt() == 20


def test_a_refund_of_what_is_uncovered_leaves_less_of_that(ledger: Ledger) -> None:
    ledger.add("u", "purchase", 10, "p1")
    usage = ledger.add("u", "usage", -30, app="chat")
    ledger.add("u", "usage", -5, app="images")
    ledger.add("u", "refund", 12, usage, reversal=True)
    assert (ledger.debt(), ledger.lines()["spent chat"]) == (13, (10, 0))
    ledger.add("u", "refund", 18, usage, reversal=True)
    assert ledger.debt() == 0
    assert ledger.lines() == {
        "sold": (10, 0),
        "spent images": (5, 0),
        "outstanding": (5, 0),
    }


def test_what_is_clawed_back_of_spent_credits_is_covered_by_the_next_purchase(
    ledger: Ledger,
) -> None:
    ledger.add("u", "purchase", 100, "p1")
    ledger.add("u", "usage", -100, app="chat")
    ledger.add("u", "clawback", -100, "p1")
    assert ledger.debt() == 100
    ledger.month = JULY
    ledger.add("u", "clawback", 40, "p1", reversal=True)
    assert (ledger.debt(JULY), ledger.lines(JULY)) == (60, {})
    ledger.add("u", "purchase", 100, "p2")
    assert ledger.debt(JULY) == 0
    assert ledger.lines(JULY) == {
        "sold": (100, 0),
        "clawed back": (60, 0),
        "outstanding": (40, 0),
    }


# Whoever comes before the giver in the ledger's order has to wait for them.
@pytest.mark.parametrize(("giver", "others"), [("a", ("b", "c")), ("z", ("b", "c"))])
def test_a_gift_takes_its_credits_along(
    ledger: Ledger, giver: str, others: tuple[str, str]
) -> None:
    ledger.add(giver, "grant", 10)
    ledger.add(giver, "purchase", 100, "p1")
    ledger.add(giver, "gift", -45, "g")
    for other in reversed(others):
        ledger.add(other, "gift", 15, "g")
        ledger.add(other, "usage", -15, app=other)
    ledger.add(giver, "gift", 15, "g", reversal=True)
    assert ledger.lines() == {
        "sold": (100, 0),
        "granted": (0, 10),
        f"spent {others[0]}": (15, 0),
        f"spent {others[1]}": (5, 10),
        "outstanding": (80, 0),
    }


def test_what_lies_in_gifts_is_outstanding(ledger: Ledger) -> None:
    ledger.add("u", "purchase", 100, "p1")
    ledger.add("u", "gift", -45, "g")
    assert ledger.lines() == {"sold": (100, 0), "outstanding": (100, 0)}


@pytest.mark.parametrize("guild", ["a", "z"])
def test_a_funding_takes_its_credits_along(ledger: Ledger, guild: str) -> None:
    ledger.add("u", "grant", 10)
    ledger.add("u", "purchase", 100, "p1")
    for number, amount in ((1, 15), (2, 20)):
        ledger.add("u", "guild_funding", -amount, str(number), other=guild)
        ledger.add(guild, "funding", amount, str(number), kind="pool", other="u")
    usage = ledger.add(guild, "usage", -20, kind="pool", app="chat")
    ledger.add(guild, "refund", 12, usage, kind="pool", app="chat", reversal=True)
    assert ledger.lines()["spent chat"] == (0, 8)
    assert ledger.lines()["outstanding"] == (100, 2)


def test_what_an_erasure_forfeits_is_told(ledger: Ledger) -> None:
    ledger.add("u", "purchase", 100, "p1")
    ledger.add("u", "grant", 10)
    ledger.add("u", "erasure", -110)
    ledger.add("u", "clawback", -100, "p1")
    ledger.add("u", "erasure", 100, reversal=True)
    assert ledger.lines() == {
        "sold": (100, 0),
        "granted": (0, 10),
        "forfeited": (0, 10),
        "clawed back": (100, 0),
    }
    assert ledger.debt() == 0


@pytest.fixture
def clock(database: Database) -> Clock:
    """The clock of the database, at the end of June."""
    clock = Clock.install(database.connect())
    clock.move_to(datetime(2026, 6, 30, 12, tzinfo=UTC))
    return clock


def lines(database: Database, month: str) -> dict[tuple[str, str], list[Decimal]]:
    """Return paid, free and total of each line."""
    outcome = month_end({VARIABLE: database.dsn("auditor")}, month)
    assert outcome.status == 0, outcome.complaint
    header, *rows = csv.reader(outcome.output.splitlines())
    assert header == ["line", "app", "paid", "free", "total"]
    return {(line, app): [Decimal(each) for each in amounts] for line, app, *amounts in rows}


def test_a_ledger_of_everything_adds_up_and_a_closed_month_stays(
    database: Database, clock: Clock
) -> None:
    service = database.connect("service")
    owner = database.connect()
    payments = Payments.for_a_package(owner, database.connect("api"), credits=500)
    bought = payments.buy("u1")
    grant(service, "u1", 40, expires_at=clock.now() + timedelta(hours=1))
    refund(service, "u1", use(service, "u1", 60)["id"], 25)
    commit(service, reserve(service, "u1", 30), amount=20)
    pool(service, "g1", 100)
    fund(service, "u1", "g1", 50)
    use_guild(service, "g1", "u1", 10)
    made = gift(service, "u1", 30, type="split", total_portions=3)
    redeem(service, made["code"], "u2")
    give(service, "u3", 12)
    use(service, "u3", 7)
    clock.advance(7200)
    owner.execute("select credits.expire_due()")
    payments.refunded(bought, 100)
    erase(service, "u3")
    june = lines(database, JUNE)
    [held] = owner.execute("select total from credits.holdings").fetchall()
    assert june["outstanding", ""][2] + june["debt", ""][2] == held["total"]
    assert june["sold", ""][0] == 500
    clock.advance(86400)
    redeem(service, made["code"], "u4")
    use(service, "u2", 10)
    payments.refunded(payments.buy("u2"), 499)
    erase(service, "u1")
    july = lines(database, JULY)
    assert july["opening", ""] == june["outstanding", ""]
    assert lines(database, JUNE) == june
    [held] = owner.execute("select total from credits.holdings").fetchall()
    assert july["outstanding", ""][2] + july["debt", ""][2] == held["total"]


@pytest.mark.parametrize("start", ["=", "\uff1d"])
def test_no_app_is_a_formula_of_a_spreadsheet(database: Database, clock: Clock, start: str) -> None:
    service = database.connect("service")
    give(service, "u1", 12)
    use(service, "u1", 7, app_id=f'{start}HYPERLINK("https://example.com")')
    assert ("spent", f"""'{start}HYPERLINK("https://example.com")""") in lines(database, JUNE)


@pytest.mark.parametrize("month", ["2026-13", "june", "2026-6", ""])
def test_what_is_no_month_is_refused(database: Database, month: str) -> None:
    outcome = month_end({VARIABLE: database.dsn("auditor")}, month)
    assert_stopped(outcome, "MONTH")
