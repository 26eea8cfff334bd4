"""credits.reserve_credits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import balance, fund, gift, use
from tests.sql.lifecycle import Call, commit, figures, hold_row, release, reserve
from tests.sql.moments import now


def test_reserved_credits_leave_the_balance_at_once(db: Connection) -> None:
    assert reserve(db, "u1", 4)["balance"] == 6
    assert balance(db, "u1") == 6


def test_reserved_credits_are_still_owned(db: Connection) -> None:
    reserve(db, "u1", 4)
    answer = figures(db, "u1")
    names = ("balance", "reserved", "total_earned", "total_spent")
    assert [answer[name] for name in names] == [6, 4, 10, 0]


def test_is_no_ledger_row(db: Connection, owner: Owner) -> None:
    before = ledger(owner, "u1")
    reserve(db, "u1", 4)
    assert ledger(owner, "u1") == before


def test_everything_can_be_reserved(db: Connection) -> None:
    assert reserve(db, "u1", 10)["balance"] == 0


def test_smallest_amount_can_be_reserved(db: Connection) -> None:
    assert reserve(db, "u1", Decimal("0.000001"))["balance"] == Decimal("9.999999")


def test_holds_add_up(db: Connection) -> None:
    reserve(db, "u1", Decimal("0.1"))
    assert reserve(db, "u1", Decimal("0.2"))["balance"] == Decimal("9.7")
    assert figures(db, "u1")["reserved"] == Decimal("0.3")


def test_more_than_there_is_cannot_be_reserved(db: Connection) -> None:
    with refused(db, "UC002") as refusal:
        reserve(db, "u1", Decimal("10.000001"))
    assert refusal.details == {"required": 10.000001, "available": 10}


def test_user_never_seen_has_nothing_to_reserve(db: Connection, owner: Owner) -> None:
    with refused(db, "UC002") as refusal:
        reserve(db, "nobody", 1)
    assert refusal.details == {"required": 1, "available": 0}
    assert not owner.execute("select from credits.balances where user_id = 'nobody'").fetchall()


@pytest.mark.parametrize("spend", [use, reserve, gift], ids=lambda spend: spend.__name__)
def test_reserved_credits_cannot_be_spent(db: Connection, spend: Call) -> None:
    reserve(db, "u1", 4)
    with refused(db, "UC002") as refusal:
        spend(db, "u1", 7)
    assert refusal.details == {"required": 7, "available": 6}


def test_reserved_credits_cannot_fund_a_pool(db: Connection) -> None:
    reserve(db, "u1", 4)
    with refused(db, "UC002"):
        fund(db, "u1", "g1", 7)


def test_one_user_does_not_reserve_another_ones_credits(db: Connection) -> None:
    reserve(db, "u1", 10)
    assert balance(db, "u1") == 0
    with refused(db, "UC002"):
        reserve(db, "u2", 1)


def test_hold_lasts_a_day_unless_told(db: Connection) -> None:
    before = now(db)
    ends = reserve(db, "u1", 1)["expires_at"]
    assert timedelta(hours=24) <= ends - before < timedelta(hours=24, minutes=1)


@pytest.mark.parametrize("seconds", [1, 60, 2592000])
def test_hold_lasts_as_long_as_asked(db: Connection, seconds: int) -> None:
    before = now(db)
    ends = reserve(db, "u1", 1, expires_in_seconds=seconds)["expires_at"]
    assert (
        timedelta(seconds=seconds) <= ends - before <= now(db) - before + timedelta(seconds=seconds)
    )


@pytest.mark.parametrize("seconds", [0, -1, 2592001])
def test_hold_of_no_time_or_too_long_is_refused(db: Connection, seconds: int) -> None:
    with refused(db, "UC001") as refusal:
        reserve(db, "u1", 1, expires_in_seconds=seconds)
    assert list(refusal.details) == ["expiresInSeconds"]


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("amount", {"amount": 0}),
        ("amount", {"amount": -1}),
        ("amount", {"amount": None}),
        ("amount", {"amount": "NaN"}),
        ("amount", {"amount": "Infinity"}),
        ("amount", {"amount": "0.0000001"}),
        ("amount", {"amount": "1000000000"}),
        ("userId", {"user_id": ""}),
        ("userId", {"user_id": None}),
        ("userId", {"user_id": "x" * 129}),
        ("userId", {"user_id": "", "guild_id": "g1"}),
        ("appId", {"app_id": ""}),
        ("appId", {"app_id": None}),
        ("appId", {"app_id": "a\nb"}),
        ("organizationId", {"guild_id": ""}),
        ("organizationId", {"guild_id": "x" * 129}),
        ("reason", {"reason": None}),
        ("idempotencyKey", {"idempotency_key": ""}),
        ("idempotencyKey", {"idempotency_key": "x" * 256}),
    ],
)
def test_what_cannot_be_is_refused(db: Connection, field: str, arguments: dict[str, Any]) -> None:
    with refused(db, "UC001") as refusal:
        reserve(db, **{"user_id": "u1", "amount": 1, **arguments})
    assert list(refusal.details) == [field]


@pytest.mark.parametrize(
    "arguments",
    [{"reason": ""}, {"reason": "x" * 1000}, {"idempotency_key": "x" * 255}, {"app_id": "é" * 128}],
    ids=lambda arguments: next(iter(arguments)),
)
def test_longest_texts_are_kept(db: Connection, arguments: dict[str, object], owner: Owner) -> None:
    row = hold_row(owner, reserve(db, "u1", 1, **arguments))
    entry = owner.execute("select * from credits.entries where type = 'hold'").fetchone()
    assert entry is not None
    kept = {**row, "idempotency_key": entry["idempotency_key"]}
    assert {name: kept[name] for name in arguments} == arguments
    assert entry["description"] == row["reason"]


def test_who_called_is_kept(db: Connection, owner: Owner) -> None:
    assert hold_row(owner, reserve(db, "u1", 1))["called_by"] == "test_service"


def test_retry_returns_the_first_answer(db: Connection) -> None:
    first = reserve(db, "u1", 4, idempotency_key="k")
    assert reserve(db, "u1", 4, idempotency_key="k") == {**first, "replayed": True}
    assert balance(db, "u1") == 6


def test_retry_without_credits_returns_the_first_answer(db: Connection) -> None:
    first = reserve(db, "u1", 4, idempotency_key="k")
    use(db, "u1", 6)
    assert reserve(db, "u1", 4, idempotency_key="k") == {**first, "replayed": True}


@pytest.mark.parametrize("end", [commit, release], ids=lambda end: end.__name__)
def test_retry_after_the_end_returns_the_first_answer_and_holds_nothing(
    db: Connection, end: Call
) -> None:
    first = reserve(db, "u1", 4, idempotency_key="k")
    end(db, first)
    assert reserve(db, "u1", 4, idempotency_key="k") == {**first, "replayed": True}
    assert figures(db, "u1")["reserved"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 5},
        {"reason": "Another answer"},
        {"app_id": "images"},
        {"expires_in_seconds": 60},
    ],
    ids=lambda change: next(iter(change)),
)
def test_key_with_another_parameter_is_refused(db: Connection, change: dict[str, Any]) -> None:
    reserve(db, "u1", 4, idempotency_key="k")
    with refused(db, "UC004") as refusal:
        reserve(db, **{"user_id": "u1", "amount": 4, "idempotency_key": "k", **change})
    assert refusal.details == {"idempotencyKey": "k"}


def test_reused_key_is_reported_before_missing_credits(db: Connection) -> None:
    reserve(db, "u1", 4, idempotency_key="k")
    with refused(db, "UC004"):
        reserve(db, "u1", 400, idempotency_key="k")
