"""credits.list_usage."""

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import Row, give, rows, use
from tests.sql.conftest import Api
from tests.sql.moments import now


def usage(api: Api, **arguments: Any) -> list[Row]:
    return rows(api, "credits.list_usage", user_id="u1", **arguments)


@pytest.fixture
def used_long_ago(owner: Owner) -> date:
    """u1 used a credit 0, 1, 30, 31 and 400 days before the day that is returned, today."""
    today = now(owner).astimezone(UTC).date()
    owner.execute("set local session_replication_role = replica")
    for days in (0, 1, 30, 31, 400):
        owner.execute(
            "insert into credits.usage_folds values ('u1', 'chat', %s, 1, 1)",
            (today - timedelta(days=days),),
        )
    owner.execute("set local session_replication_role = origin")
    return today


def days(listed: list[Row], today: date) -> list[int]:
    """The age in days of each row."""
    return [(today - row["date"]).days for row in listed]


def test_nothing_used_is_no_row(api: Api) -> None:
    assert usage(api) == []


def test_apps_of_a_day_are_listed_by_name(db: Connection, api: Api) -> None:
    give(db, "u1", 10)
    for app in ("images", "chat", "images"):
        use(db, "u1", 1, app_id=app)
    listed = usage(api)
    figures = [(row["app_id"], row["credits_used"], row["transactions_count"]) for row in listed]
    assert figures == [("chat", 1, 1), ("images", 2, 2)]
    assert {row["date"] for row in listed} == {now(db).astimezone(UTC).date()}


def test_days_are_those_of_utc_whatever_the_callers_zone(db: Connection, api: Api) -> None:
    give(db, "u1", 10)
    db.execute("set local timezone = 'Pacific/Kiritimati'")
    use(db, "u1", 1)
    assert len(usage(api)) == 1


def test_one_user_does_not_see_another_ones_usage(db: Connection, api: Api) -> None:
    give(db, "u2", 10)
    use(db, "u2", 1)
    assert usage(api) == []


@pytest.mark.off_books
def test_last_31_days_are_listed_unless_told_newest_first(api: Api, used_long_ago: date) -> None:
    assert days(usage(api), used_long_ago) == [0, 1, 30]


@pytest.mark.off_books
@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (400, 0, [0, 1, 30, 31, 400]),
        (400, None, [0, 1, 30, 31, 400]),
        (31, 1, [1, 30, 31]),
        (30, 30, [30]),
        (None, 1, [1, 30, 31]),
        (None, 400, [400]),
        (0, 1, []),
        (29, 2, []),
    ],
)
def test_first_and_last_day_are_included(
    api: Api, used_long_ago: date, first: int | None, last: int | None, expected: list[int]
) -> None:
    bounds = {
        name: used_long_ago - timedelta(days=ago)
        for name, ago in (("from", first), ("to", last))
        if ago is not None
    }
    assert days(usage(api, **bounds), used_long_ago) == expected
