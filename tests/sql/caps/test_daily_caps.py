"""credits.service_caps: how much a day."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.calls import fund, give, limit, use, use_guild
from tests.sql.caps.conftest import Cap
from tests.sql.caps.operations import MOVING
from tests.sql.lifecycle import commit, extend, let_hold_run_out, refund, release, reserve
from tests.sql.moments import now


def counted(owner: Owner, caller: str = "test_service") -> Decimal:
    """The credits that a caller has moved today."""
    row = owner.execute(
        """
        select coalesce(sum(amount), 0) as amount from credits.service_cap_usage
        where caller = %s and day = (clock_timestamp() at time zone 'UTC')::date
        """,
        (caller,),
    ).fetchone()
    assert row is not None
    return Decimal(row["amount"])


def test_up_to_the_cap_passes_and_more_is_refused(db: Connection, cap: Cap) -> None:
    cap(max_amount_per_day=10)
    use(db, "u1", 4)
    use(db, "u1", Decimal("5.999999"))
    with refused(db, "UC016") as refusal:
        use(db, "u1", Decimal("0.000002"))
    told = refusal.details
    assert {**told, "resetsAt": None} == {
        "cap": "max_amount_per_day",
        "limit": 10,
        "spent": 9.999999,
        "requested": 0.000002,
        "resetsAt": None,
    }
    assert use(db, "u1", Decimal("0.000001"))["balance"] == 90


@pytest.mark.parametrize("amount", [1, 3])
def test_beyond_the_cap_is_refused_before_too_little_credit(
    db: Connection, cap: Cap, amount: int
) -> None:
    cap(max_amount_per_day=2)
    with refused(db, "UC002" if amount == 1 else "UC016"):
        use(db, "nobody", amount)


def test_resets_at_the_next_midnight_of_utc(db: Connection, cap: Cap) -> None:
    cap(max_amount_per_day=0)
    db.execute("set local timezone = 'Asia/Kolkata'")
    with refused(db, "UC016") as refusal:
        use(db, "u1", 1)
    tomorrow = now(db).astimezone(UTC).date() + timedelta(days=1)
    expected = datetime.combine(tomorrow, time(), UTC)
    assert datetime.fromisoformat(refusal.details["resetsAt"]) == expected


@pytest.mark.parametrize("operation", MOVING)
def test_every_operation_that_moves_credits_counts(
    db: Connection, owner: Owner, cap: Cap, operation: str
) -> None:
    cap(max_amount_per_day=5)
    MOVING[operation](db, 4)
    assert counted(owner) == 4
    with refused(db, "UC016"):
        MOVING[operation](db, 2)


def test_operations_count_together(db: Connection, cap: Cap) -> None:
    cap(max_amount_per_day=10)
    use(db, "u1", 3)
    use_guild(db, "g1", "u1", 3)
    fund(db, "u1", "g1", 3)
    with refused(db, "UC016") as refusal:
        give(db, "u1", 2)
    assert refusal.details["spent"] == 9


def test_ends_of_a_hold_do_not_count_again(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount_per_day=10)
    first, second = reserve(db, "u1", 5), reserve(db, "u1", 5)
    commit(db, first)
    release(db, second)
    assert counted(owner) == 10


def test_what_becomes_of_a_hold_past_its_time_does_not_count_again(
    db: Connection, owner: Owner, cap: Cap
) -> None:
    cap(max_amount_per_day=10)
    first, second = reserve(db, "u1", 5), reserve(db, "u1", 5)
    for held in (first, second):
        let_hold_run_out(owner, held)
    assert commit(db, first)["late"] is True
    extend(db, second, 60)
    assert counted(owner) == 10


def test_refund_does_not_give_back_to_the_cap(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount_per_day=10)
    refund(db, "u1", use(db, "u1", 4)["id"], 4)
    assert counted(owner) == 8


def test_retry_does_not_count(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount_per_day=10)
    for _ in range(3):
        use(db, "u1", 6, idempotency_key="k")
    assert counted(owner) == 6


def test_refusal_does_not_count(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount_per_day=1000)
    with refused(db, "UC002"):
        use(db, "u1", 500)
    with refused(db, "UC016"):
        use(db, "u1", 2000)
    assert counted(owner) == 0


def test_limits_do_not_count(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount_per_day=10)
    limit(db, "g1", "u2", daily_limit=500)
    assert counted(owner) == 0


def test_callers_count_each_for_themselves(db: Connection, owner: Owner, cap: Cap) -> None:
    cap("test_api", max_amount_per_day=10)
    cap(max_amount_per_day=10)
    use(db, "u1", 10)
    assert (counted(owner), counted(owner, "test_api")) == (10, 0)


def test_caller_without_a_daily_cap_is_not_counted(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount=10)
    use(db, "u1", 10)
    assert counted(owner) == 0


def test_new_day_begins_with_nothing_moved(db: Connection, owner: Owner, cap: Cap) -> None:
    cap(max_amount_per_day=10)
    use(db, "u1", 10)
    owner.execute("update credits.service_cap_usage set day = day - 1")
    assert use(db, "u1", 10)["balance"] == 80
