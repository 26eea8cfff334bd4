"""Credits that expire soonest are spent first, those that last are spent last."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import call, fund, gift, give, use
from tests.sql.lifecycle import HOUR, expiring, grant, remaining, reserve


@pytest.fixture(autouse=True)
def credits_of_three_kinds(db: Connection) -> None:
    """u1 has 10 credits until tomorrow, 10 for an hour, and 10 that last."""
    grant(db, "u1", 10, "tomorrow", expires_in=24 * HOUR)
    give(db, "u1", 10)
    grant(db, "u1", 10, "hour", expires_in=HOUR)


@pytest.mark.parametrize(
    ("amount", "tomorrow", "hour"),
    [
        ("0.000001", "10", "9.999999"),
        ("10", "10", "0"),
        ("12.5", "7.5", "0"),
        ("20", "0", "0"),
        ("25", "0", "0"),
    ],
)
def test_debit_takes_what_expires_soonest(
    db: Connection, owner: Owner, amount: str, tomorrow: str, hour: str
) -> None:
    use(db, "u1", amount)
    assert remaining(owner, "u1") == [Decimal(tomorrow), Decimal(hour)]


def _fund(db: Connection) -> None:
    call(db, "credits.init_guild_pool", organization_id="g1")
    fund(db, "u1", "g1", 12)


SPENDING: dict[str, Callable[[Connection], object]] = {
    "use_credits": lambda db: use(db, "u1", 12),
    "reserve_credits": lambda db: reserve(db, "u1", 12),
    "create_gift": lambda db: gift(db, "u1", 12),
    "fund_guild_pool": _fund,
}


@pytest.mark.parametrize("operation", SPENDING)
def test_every_way_to_spend_takes_what_expires_soonest(
    db: Connection, owner: Owner, operation: str
) -> None:
    SPENDING[operation](db)
    assert remaining(owner, "u1") == [8, 0]


def test_one_debit_after_the_other(db: Connection, owner: Owner) -> None:
    left = []
    for _ in range(4):
        use(db, "u1", 6)
        left.append(remaining(owner, "u1"))
    assert left == [[10, 4], [8, 0], [2, 0], [0, 0]]


def test_of_two_with_one_date_the_older_is_spent_first(db: Connection, owner: Owner) -> None:
    (row,) = owner.execute("select clock_timestamp() + interval '1 minute' as at").fetchall()
    grant(db, "u2", 5, "a", expires_at=row["at"])
    grant(db, "u2", 5, "b", expires_at=row["at"])
    use(db, "u2", 6)
    assert remaining(owner, "u2") == [0, 4]


def test_balance_tells_what_will_expire_soonest_first(db: Connection) -> None:
    assert expiring(db, "u1") == [10, 10]
    use(db, "u1", 12)
    assert expiring(db, "u1") == [8]


def _touched(owner: Owner) -> tuple[int, ...]:
    rows = owner.execute(
        """
        select
            coalesce(seq_scan, 0) + coalesce(idx_scan, 0) as read,
            n_tup_ins + n_tup_upd + n_tup_del as written
        from pg_stat_xact_user_tables
        where schemaname = 'credits' and relname in ('lots', 'lot_movements')
        order by relname
        """
    ).fetchall()
    return tuple(figure for row in rows for figure in (row["read"], row["written"]))


def test_debits_of_the_lot_in_front_touch_no_lots_however_many(
    db: Connection, owner: Owner
) -> None:
    for n in range(20):
        grant(db, "u1", 10, f"day {n}", expires_in=48 * HOUR + n)
    use(db, "u1", 1)
    before = _touched(owner)
    for _ in range(3):
        use(db, "u1", 2)
    assert _touched(owner) == before
    use(db, "u1", 5)
    assert _touched(owner) != before
    assert remaining(owner, "u1")[:2] == [8, 0]
