"""Credits past their date are gone at that moment, whether or not anybody has written it down."""

from datetime import timedelta

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, call, fund, gift, give, redeem, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    HOUR,
    Call,
    expire_due,
    expiring,
    figures,
    grant,
    let_grant_run_out,
    remaining,
    reserve,
)
from tests.sql.moments import Clock, later


@pytest.fixture
def expired(db: Connection, owner: Owner) -> Row:
    """u1 has 10 credits that last, and had 5 whose date is over."""
    give(db, "u1", 10)
    granted = grant(db, "u1", 5, expires_in=HOUR)
    let_grant_run_out(owner, granted)
    return granted


def test_credits_are_there_until_their_date_only(db: Connection, clock: Clock) -> None:
    ends = later(db, HOUR)
    assert grant(db, "u1", 5, expires_at=ends)["new_balance"] == 5
    clock.move_to(ends)
    assert balance(db, "u1") == 0
    with refused(db, "UC002") as refusal:
        use(db, "u1", 1)
    assert refusal.details == {"required": 1, "available": 0}


def test_balance_and_totals_leave_out_what_has_expired(db: Connection, expired: Row) -> None:
    answer = figures(db, "u1")
    names = ("balance", "total_earned", "total_spent")
    assert [answer[name] for name in names] == [10, 15, 5]


def test_reading_writes_nothing(db: Connection, owner: Owner, expired: Row) -> None:
    balance(db, "u1")
    assert [row["type"] for row in ledger(owner, "u1")] == ["refund", "grant"]


@pytest.mark.parametrize("spend", [use, reserve, gift], ids=lambda spend: spend.__name__)
def test_expired_credits_cannot_be_spent(db: Connection, expired: Row, spend: Call) -> None:
    with refused(db, "UC002") as refusal:
        spend(db, "u1", 11)
    assert refusal.details == {"required": 11, "available": 10}


def test_expired_credits_cannot_fund_a_pool(db: Connection, expired: Row) -> None:
    call(db, "credits.init_guild_pool", organization_id="g1")
    with refused(db, "UC002"):
        fund(db, "u1", "g1", 11)


def test_what_lasts_can_be_spent(db: Connection, expired: Row) -> None:
    assert use(db, "u1", 10)["balance"] == 0


def test_next_movement_writes_the_expiry_before_itself(
    db: Connection, owner: Owner, expired: Row
) -> None:
    use(db, "u1", 1)
    rows = ledger(owner, "u1")
    assert [(row["type"], row["amount"]) for row in rows[2:]] == [("expiry", -5), ("usage", -1)]
    assert rows[2]["reference_id"] == str(expired["transaction_id"])
    assert (rows[2]["balance_before"], rows[2]["balance_after"]) == (15, 10)


@pytest.mark.parametrize("receive", ["give", "grant", "redeem"])
def test_what_comes_in_does_not_bring_them_back(db: Connection, expired: Row, receive: str) -> None:
    if receive == "redeem":
        give(db, "u2", 3)
        redeem(db, gift(db, "u2", 3)["code"], "u1")
    elif receive == "grant":
        grant(db, "u1", 3, "another")
    else:
        give(db, "u1", 3)
    assert balance(db, "u1") == 13


def test_only_what_is_left_expires(db: Connection, owner: Owner) -> None:
    granted = grant(db, "u1", 5, expires_in=HOUR)
    use(db, "u1", 3)
    let_grant_run_out(owner, granted)
    give(db, "u1", 1)
    assert [row["amount"] for row in ledger(owner, "u1") if row["type"] == "expiry"] == [-2]


def test_what_was_spent_does_not_expire(db: Connection, api: Api, owner: Owner) -> None:
    granted = grant(db, "u1", 5, expires_in=HOUR)
    use(db, "u1", 5)
    let_grant_run_out(owner, granted)
    assert expire_due(api) == 0
    assert balance(db, "u1") == 0


def test_each_grant_expires_by_a_row_of_its_own(db: Connection, api: Api, owner: Owner) -> None:
    granted = [grant(db, "u1", 5 + n, f"r{n}", expires_in=HOUR) for n in range(3)]
    for one in reversed(granted[:2]):
        let_grant_run_out(owner, one)
    assert expire_due(api) == 1
    expired = {row["reference_id"]: row["amount"] for row in ledger(owner, "u1")[3:]}
    assert expired == {str(granted[n]["transaction_id"]): -5 - n for n in range(2)}
    assert balance(db, "u1") == 7


def test_writing_it_down_changes_no_figure(db: Connection, api: Api, expired: Row) -> None:
    before = figures(db, "u1")
    assert expire_due(api) == 1
    names = ("balance", "total_earned", "total_spent", "reserved", "expiring")
    after = figures(db, "u1")
    assert [after[name] for name in names] == [before[name] for name in names]


def test_it_is_written_down_once(api: Api, expired: Row) -> None:
    expire_due(api)
    assert expire_due(api) == 0


def test_nothing_remains_of_them(api: Api, owner: Owner, expired: Row) -> None:
    expire_due(api)
    assert remaining(owner, "u1") == [0]


def test_balance_lists_what_will_expire(db: Connection) -> None:
    first, second = later(db, HOUR), later(db, 2 * HOUR)
    grant(db, "u1", "5.5", "a", expires_at=second)
    grant(db, "u1", 2, "b", expires_at=first)
    grant(db, "u1", 3, "c", expires_at=first)
    assert figures(db, "u1")["expiring"] == [
        {"amount": 5, "expiresAt": f"{first:%Y-%m-%dT%H:%M:%S.%fZ}"},
        {"amount": 5.5, "expiresAt": f"{second:%Y-%m-%dT%H:%M:%S.%fZ}"},
    ]


def test_dates_are_told_in_utc(db: Connection) -> None:
    ends = later(db, HOUR)
    grant(db, "u1", 5, expires_at=ends)
    db.execute("set local timezone = 'Asia/Kolkata'")
    (entry,) = figures(db, "u1")["expiring"]
    assert (
        entry["expiresAt"] == f"{ends - (ends.utcoffset() or timedelta(0)):%Y-%m-%dT%H:%M:%S.%fZ}"
    )


def test_nothing_is_listed_where_nothing_expires(db: Connection) -> None:
    give(db, "u1", 5)
    grant(db, "u1", 5, "undated")
    assert figures(db, "u1")["expiring"] is None


def test_what_has_expired_is_not_listed(db: Connection, expired: Row) -> None:
    grant(db, "u1", 2, "another", expires_in=HOUR)
    assert expiring(db, "u1") == [2]


def test_account_without_dated_credits_is_not_marked(db: Connection, owner: Owner) -> None:
    grant(db, "u1", 5, "undated")
    grant(db, "u2", 5, expires_in=HOUR)
    found = owner.execute("select account_id from credits.entries where due_after is not null")
    assert [row["account_id"] for row in found.fetchall()] == ["u2"]
