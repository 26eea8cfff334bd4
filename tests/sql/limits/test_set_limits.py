"""credits.set_limits and credits.get_limits: a person's own limits."""

from decimal import Decimal
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import call, give, rows, use
from tests.sql.lifecycle import reserve
from tests.sql.limits.calls import own, set_own

WINDOWS = ("daily_limit", "weekly_limit", "monthly_limit")


def figures(row: dict[str, Any]) -> tuple[object, ...]:
    return tuple(row[window] for window in WINDOWS)


def limited(owner: Owner, user_id: str) -> bool:
    [row] = owner.execute(
        "select limited from credits.accounts where account_id = %s", (user_id,)
    ).fetchall()
    return bool(row["limited"])


def test_nobody_has_limits_unless_they_set_some(db: Connection, owner: Owner) -> None:
    [row] = own(db, "u1").values()
    assert row["app_id"] is None
    assert figures(row) == (None, None, None)
    assert (row["spent_today"], row["daily_remaining"]) == (0, None)
    assert row["day_resets_at"] < row["week_resets_at"]


def test_what_was_spent_is_told_without_limits(db: Connection) -> None:
    give(db, "u1", 10)
    use(db, "u1", 3)
    reserve(db, "u1", 2)
    [row] = own(db, "u1").values()
    assert (row["spent_today"], row["spent_this_week"], row["spent_this_month"]) == (5, 5, 5)


def test_limits_are_set_and_an_account_is_opened(db: Connection, owner: Owner) -> None:
    answer = set_own(db, "u1", daily=1.5, perApp={"chat": {"monthly": 20}})
    assert figures(answer[None]) == (Decimal("1.5"), None, None)
    assert figures(answer["chat"]) == (None, None, 20)
    assert own(db, "u1") == answer
    assert limited(owner, "u1")


def test_absent_limit_stays_and_null_removes(db: Connection) -> None:
    set_own(db, "u1", daily=1, weekly=2, monthly=3, perApp={"a": {"daily": 4}, "b": {"daily": 5}})
    answer = set_own(db, "u1", daily=None, weekly=9, perApp={"a": {"weekly": 6}})
    assert figures(answer[None]) == (None, 9, 3)
    assert figures(answer["a"]) == (4, 6, None)
    assert figures(answer["b"]) == (5, None, None)


def test_null_of_an_app_removes_all_of_its_limits(db: Connection) -> None:
    set_own(db, "u1", daily=1, perApp={"a": {"daily": 4, "weekly": 5}, "b": {"daily": 5}})
    assert set_own(db, "u1", perApp={"a": None}).keys() == {None, "b"}


def test_null_of_all_apps_removes_their_limits(db: Connection) -> None:
    set_own(db, "u1", daily=1, perApp={"a": {"daily": 4}, "b": {"weekly": 5}})
    assert set_own(db, "u1", perApp=None).keys() == {None}
    assert set_own(db, "u1", perApp=None, daily=2)[None]["daily_limit"] == 2


def test_account_without_limits_is_marked_no_more(db: Connection, owner: Owner) -> None:
    set_own(db, "u1", daily=1, perApp={"a": {"daily": 4}})
    set_own(db, "u1", daily=None)
    assert limited(owner, "u1")
    set_own(db, "u1", perApp={"a": {"daily": None}})
    assert not limited(owner, "u1")


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"daily": "5"}, "daily"),
        ({"weekly": -1}, "weekly"),
        ({"monthly": 0.0000001}, "monthly"),
        ({"daily": 1000000000}, "daily"),
        ({"perApp": 5}, "perApp"),
        ({"perApp": {"": {"daily": 1}}}, "perApp"),
        ({"perApp": {"chat": 5}}, "perApp.chat"),
        ({"perApp": {"chat": {"daily": True}}}, "perApp.chat.daily"),
        ({"perApp": {f"app-{i}": {"daily": 1} for i in range(101)}}, "perApp"),
        ({"perApp": {f"app-{i}": None for i in range(201)}}, "perApp"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_limit_is_refused(db: Connection, limits: dict[str, object], field: str) -> None:
    with refused(db, "UC001") as refusal:
        set_own(db, "u1", **limits)
    assert list(refusal.details) == [field]


def test_as_many_apps_as_may_have_limits_make_way_for_others_at_once(db: Connection) -> None:
    set_own(db, "u1", perApp={f"old-{i}": {"daily": 1} for i in range(100)})
    new = {f"new-{i}": {"daily": 1} for i in range(100)}
    limits = set_own(db, "u1", perApp={f"old-{i}": None for i in range(100)} | new)
    assert limits.keys() == {None, *new}


def reads_of_entries(owner: Owner) -> int:
    [row] = owner.execute(
        "select seq_scan + idx_scan as reads from pg_stat_xact_user_tables"
        " where relid = 'credits.entries'::regclass"
    ).fetchall()
    return int(row["reads"])


def test_what_was_spent_in_many_apps_is_added_up_in_one_pass(db: Connection, owner: Owner) -> None:
    give(db, "u1", 10)
    for app in ("a", "b"):
        use(db, "u1", 1, app_id=app)
    reads = []
    for apps in ("a", "bcdefghi"):
        set_own(db, "u1", perApp={app: {"daily": 5} for app in apps})
        before = reads_of_entries(owner)
        limits = own(db, "u1")
        reads.append(reads_of_entries(owner) - before)
    assert [limits[app]["spent_today"] for app in (None, "a", "b", "c")] == [2, 1, 1, 0]
    assert reads[0] == reads[1]


def test_limits_have_to_be_an_object(db: Connection) -> None:
    with refused(db, "UC001"):
        rows(db, "credits.set_limits", user_id="u1", limits="5")


def test_unknown_fields_are_ignored(db: Connection) -> None:
    assert figures(set_own(db, "u1", daily=5, yearly="never")[None]) == (5, None, None)


def test_caller_needs_the_operation(db: Connection, owner: Owner) -> None:
    owner.execute(
        "insert into credits.service_caps (caller, operations) values ('test_service', '{use}')"
    )
    with refused(db, "UC016"):
        set_own(db, "u1", daily=5)


def test_what_was_set_when_can_be_told(db: Connection, owner: Owner) -> None:
    set_own(db, "u1", perApp={"chat": {"daily": 5}})
    give(db, "u1", 10)
    use(db, "u1", 1)
    set_own(db, "u1", perApp={"chat": None})
    rows = owner.execute(
        "select * from credits.rule_history where table_name = 'spending_limits' order by id"
    ).fetchall()
    assert [(row["account_id"], row["subject_id"]) for row in rows] == [("u1", "chat")] * 2
    assert [row["after"] and row["after"]["daily_limit"] for row in rows] == [5, None]


def test_erasure_takes_the_limits_away(db: Connection, owner: Owner) -> None:
    set_own(db, "u1", daily=5)
    give(db, "u1", 10)
    call(db, "credits.erase_user", user_id="u1")
    assert owner.execute("select * from credits.spending_limits").fetchall() == []
    assert own(db, "u1")[None]["daily_limit"] is None
    give(db, "u1", 10)
    assert use(db, "u1", 6)["balance"] == 4
