"""Books close to the last millionth, whatever is done at once in whatever order."""

import csv
from decimal import Decimal
from typing import Any

import pytest

from deploy.month_end import month_end
from tests.concurrency import run_parallel
from tests.databases import Connection, Database
from tests.sql.books import add_package
from tests.sql.calls import Row, call, fund, give, limit, rows
from tests.sql.concurrency.outcomes import successes
from tests.sql.invariants.crowd import (
    DAILY_LIMIT,
    EXPECTED,
    GUILDS,
    LIMITED,
    POSSIBLE,
    USERS,
    Caller,
    Shared,
    Sums,
)
from tests.sql.lifecycle import erase, expire_due, figures, spending
from tests.sql.moments import Clock

pytestmark = pytest.mark.nightly

SEED = 20261122
CALLERS = 24
OPERATIONS = 160
ERASED = USERS[:4]
NAMES = ("balance", "total_earned", "total_spent", "reserved", "expiring")


def prepare(connection: Connection) -> Row:
    """Fund the pools, limit some members, and return a package."""
    give(connection, "treasurer", 900)
    for guild in GUILDS:
        call(connection, "credits.init_guild_pool", organization_id=guild)
        fund(connection, "treasurer", guild, 300)
        for user_id in LIMITED:
            limit(connection, guild, user_id, daily_limit=DAILY_LIMIT)
    return add_package(connection, credits="33.333333", price_euro_cents=1000)


def crowd(database: Database, package: Row, shared: Shared) -> Sums:
    """Let all callers do things at once; return what their answers add up to."""

    def one(connection: Connection, i: int) -> Sums:
        return Caller(connection, package, shared, SEED + i).run(OPERATIONS)

    sums = Sums()
    outcomes = run_parallel(database, CALLERS, one, role="api")
    # An error that was not expected.
    assert [outcome for outcome in outcomes if not isinstance(outcome, Sums)] == []
    for outcome in successes(outcomes):
        sums.add(outcome)
    return sums


def everybodys_figures(connection: Connection) -> list[Any]:
    """The balances and pools that everybody was told."""
    people = [figures(connection, user_id) for user_id in USERS]
    pools = [
        call(connection, "credits.get_guild_balance", organization_id=guild) for guild in GUILDS
    ]
    return [
        [[answer[name] for name in NAMES] for answer in people],
        [[answer["balance"], answer["reserved"]] for answer in pools],
    ]


def let_time_pass(connection: Connection, clock: Clock) -> None:
    """Let all holds, grants and gifts of short times be over, and write that down."""
    clock.advance(1.1)
    before = everybodys_figures(connection)
    while expire_due(connection):
        pass
    # Nobody sees that it was written down.
    assert everybodys_figures(connection) == before
    while call(connection, "gifts.expire_gifts")["gifts_expired"]:
        pass


def owned(connection: Connection) -> dict[str, Decimal]:
    """The credits that each user and each pool owns, by the tables."""
    found = connection.execute(
        """
        select user_id as account, balance + reserved as owned from credits.balances
        union all
        select organization_id, balance + reserved from credits.guild_pools
        """
    )
    return {row["account"]: row["owned"] for row in found.fetchall()}


def expired(connection: Connection) -> dict[str, Decimal]:
    """The expired credits of each user, which no answer tells."""
    found = connection.execute(
        """
        select user_id, -sum(amount) as amount from credits.transactions
        where type = 'expiry' group by user_id
        """
    )
    return {row["user_id"]: row["amount"] for row in found.fetchall()}


def in_open_gifts(connection: Connection) -> Decimal:
    """The credits that wait in gifts."""
    row = connection.execute(
        """
        select coalesce(sum(credits_per_portion * (total_portions - claimed_portions)), 0) as amount
        from gifts.gift_codes where status = 'active'
        """
    ).fetchone()
    assert row is not None
    return Decimal(row["amount"])


def there(connection: Connection) -> Decimal:
    """All credits that there are, and those that have expired."""
    return sum(
        [*owned(connection).values(), *expired(connection).values()], in_open_gifts(connection)
    )


def assert_clean(connection: Connection) -> None:
    """Assert that the reconciliation finds nothing and nobody owes more than was taken back."""
    found = rows(connection, "credits.reconcile")
    off = {row["check_name"]: row["sample"] for row in found if row["discrepancies"]}
    # The clock of the test is a change by hand, and reported rightly.
    assert off.keys() <= {"protection_off"}, off
    overdrawn = connection.execute(
        "select user_id, balance, clawed_back from credits.balances where balance < -clawed_back"
    )
    assert overdrawn.fetchall() == []


def test_books_close_after_a_random_mix_of_everything_by_24_callers(database: Database) -> None:
    superuser = database.connect()
    package = prepare(superuser)
    shared = Shared()
    sums = crowd(database, package, shared)
    clock = Clock.install(superuser)
    let_time_pass(superuser, clock)
    assert_clean(superuser)

    # Everything was done, and refused in every way that was expected.
    done = {name for name, end in sums.ends if end == "done"}
    anybody = Caller(superuser, package, shared, 0)
    assert done == {operation.__name__ for operation in anybody.operations()}
    assert {end for _, end in sums.ends} - {"done"} - POSSIBLE == EXPECTED

    # The credits of each account are the sum of the answers, less those that expired.
    over = {made["id"] for made in shared.gifts if made["expires_at"] <= clock.now()}
    sums.close(shared, over)
    gone = expired(superuser)
    for guild in GUILDS:
        sums.owned[guild] += 300
    expected = {account: amount - gone.get(account, 0) for account, amount in sums.owned.items()}
    assert {"treasurer": Decimal(), **expected} == owned(superuser)

    # And all together: what came in less what left is what there is.
    assert there(superuser) == sums.entered + 900 - sums.left
    assert 0 < sum(gone.values()) <= sums.dated

    for guild in GUILDS:
        for user_id in LIMITED:
            assert spending(superuser, guild, user_id)["spent_today"] <= DAILY_LIMIT

    assert_erasure_loses_nothing(database, superuser)
    assert_the_month_closes(database, clock)


def assert_the_month_closes(database: Database, clock: Clock) -> None:
    """Assert that paid and free credits and debts of the month come to all there is."""
    books = month_end(database.dsn("auditor"), f"{clock.now():%Y-%m}")
    found = {row["line"]: Decimal(row["total"]) for row in csv.DictReader(books.splitlines())}
    connection = database.connect()
    owned_now = sum(owned(connection).values(), in_open_gifts(connection))
    assert found["outstanding"] + found["debt"] == owned_now


def assert_erasure_loses_nothing(database: Database, superuser: Connection) -> None:
    """Erase some people, each several times at once, and close the books again."""
    before = there(superuser)

    def one(connection: Connection, i: int) -> Row:
        return erase(connection, ERASED[i % len(ERASED)])

    erased = successes(run_parallel(database, 2 * len(ERASED), one))
    assert len(erased) == 2 * len(ERASED)
    forfeited = sum(answer["forfeited_credits"] for answer in erased)
    assert there(superuser) == before - forfeited
    assert set(ERASED).isdisjoint(owned(superuser))
    assert_clean(superuser)
