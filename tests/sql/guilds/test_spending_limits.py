"""credits.set_spending_limits and credits.get_spending_limits."""

from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import Row, call, limit
from tests.sql.conftest import Api


def limits(api: Api, user_id: str = "u1") -> tuple[object, object]:
    row = call(api, "credits.get_spending_limits", organization_id="g1", user_id=user_id)
    return row["daily_limit"], row["monthly_limit"]


def test_member_has_no_limit_unless_one_is_set(api: Api) -> None:
    assert limits(api) == (None, None)


def test_limits_are_set(db: Connection, api: Api) -> None:
    answer = limit(db, "g1", "u1", daily_limit=Decimal("1.5"), monthly_limit=20)
    assert (answer["daily_limit"], answer["monthly_limit"]) == (Decimal("1.5"), 20)
    assert limits(api) == (Decimal("1.5"), 20)


def test_limits_are_those_of_one_member(db: Connection, api: Api) -> None:
    limit(db, "g1", "u1", daily_limit=1)
    assert limits(api, "u2") == (None, None)


def test_null_removes_a_limit(db: Connection, api: Api) -> None:
    limit(db, "g1", "u1", daily_limit=1, monthly_limit=2)
    limit(db, "g1", "u1", daily_limit=None, monthly_limit=None)
    assert limits(api) == (None, None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"daily_limit": 5, "set_monthly": False}, (5, 2)),
        ({"monthly_limit": 5, "set_daily": False}, (1, 5)),
        ({"daily_limit": None, "set_monthly": False}, (None, 2)),
        ({"monthly_limit": None, "set_daily": False}, (1, None)),
        ({"set_daily": False, "set_monthly": False}, (1, 2)),
    ],
)
def test_limit_that_is_not_set_stays_as_it_is(
    db: Connection, api: Api, change: dict[str, object], expected: tuple[int | None, int | None]
) -> None:
    limit(db, "g1", "u1", daily_limit=1, monthly_limit=2)
    answer = limit(db, "g1", "u1", **change)
    assert (answer["daily_limit"], answer["monthly_limit"]) == expected
    assert limits(api) == expected


def test_first_limit_of_a_member_leaves_the_other_one_open(db: Connection, api: Api) -> None:
    limit(db, "g1", "u1", daily_limit=5, monthly_limit=9, set_monthly=False)
    assert limits(api) == (5, None)


@pytest.mark.parametrize("value", ["0", "0.000001", "999999999.999999"])
def test_limit_in_range_is_kept(db: Connection, api: Api, value: str) -> None:
    limit(db, "g1", "u1", daily_limit=value, monthly_limit=value)
    assert limits(api) == (Decimal(value), Decimal(value))


@pytest.mark.parametrize(
    "value", ["-0.000001", "-1", "NaN", "Infinity", "-Infinity", "0.0000001", "1000000000"]
)
@pytest.mark.parametrize(
    ("name", "field"), [("daily_limit", "dailyLimit"), ("monthly_limit", "monthlyLimit")]
)
def test_limit_out_of_range_is_refused(
    db: Connection, api: Api, value: str, name: str, field: str
) -> None:
    limit(db, "g1", "u1", daily_limit=1, monthly_limit=2)
    with refused(db, "UC001") as refusal:
        limit(db, "g1", "u1", **{name: value})
    assert list(refusal.details) == [field]
    assert limits(api) == (1, 2)


def test_setting_limits_moves_nothing(db: Connection, owner: Owner) -> None:
    limit(db, "g1", "u1", daily_limit=1)
    found: list[Row] = owner.execute("select from credits.guild_transactions").fetchall()
    assert not found
