"""credits.get_spending."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import Row, call, limit, pool, use_guild


@pytest.fixture(autouse=True)
def pool_of_hundred(db: Connection) -> None:
    """The pool g1 has 100 credits."""
    pool(db, "g1", 100)


def spending(db: Connection, user_id: str = "u1") -> Row:
    return call(db, "credits.get_spending", organization_id="g1", user_id=user_id)


def test_member_who_used_nothing_has_zeros(db: Connection) -> None:
    answer = spending(db)
    assert (answer["spent_today"], answer["spent_this_month"]) == (0, 0)


def test_without_limits_nothing_remains_to_be_told(db: Connection) -> None:
    answer = spending(db)
    names = ("daily_limit", "monthly_limit", "daily_remaining", "monthly_remaining")
    assert [answer[name] for name in names] == [None] * 4


def test_what_was_used_is_added_up(db: Connection) -> None:
    use_guild(db, "g1", "u1", Decimal("0.1"))
    use_guild(db, "g1", "u1", Decimal("0.2"))
    use_guild(db, "g1", "u2", 50)
    answer = spending(db)
    assert (answer["spent_today"], answer["spent_this_month"]) == (Decimal("0.3"), Decimal("0.3"))


def test_what_remains_is_the_limit_less_what_was_used(db: Connection) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=20)
    use_guild(db, "g1", "u1", Decimal("1.5"))
    answer = spending(db)
    assert (answer["daily_limit"], answer["monthly_limit"]) == (5, 20)
    assert (answer["daily_remaining"], answer["monthly_remaining"]) == (
        Decimal("3.5"),
        Decimal("18.5"),
    )


def test_nothing_remains_of_a_limit_that_was_lowered_below_what_was_used(db: Connection) -> None:
    use_guild(db, "g1", "u1", 5)
    limit(db, "g1", "u1", daily_limit=2, monthly_limit=2)
    answer = spending(db)
    assert (answer["daily_remaining"], answer["monthly_remaining"]) == (0, 0)


def test_windows_end_in_the_future(db: Connection, owner: Owner) -> None:
    answer = spending(db)
    row = owner.execute("select clock_timestamp() as now").fetchone()
    assert row is not None
    assert row["now"] < answer["day_resets_at"] <= answer["month_resets_at"]


def test_reading_writes_nothing(db: Connection, owner: Owner) -> None:
    spending(db, "nobody")
    assert not owner.execute("select from credits.members where user_id = 'nobody'").fetchall()
