"""A refund restores what the usage took, in the reverse order; what has expired stays expired."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import ledger, run_out
from tests.sql.calls import Row, balance, call, gift, give, redeem, use
from tests.sql.lifecycle import (
    HOUR,
    expiring,
    figures,
    grant,
    let_grant_run_out,
    refund,
    remaining,
)


@pytest.fixture(autouse=True)
def dated(db: Connection) -> list[Row]:
    """u1 has 10 credits for an hour, 10 until tomorrow, and 10 that last."""
    give(db, "u1", 10)
    return [
        grant(db, "u1", 10, "hour", expires_in=HOUR),
        grant(db, "u1", 10, "tomorrow", expires_in=24 * HOUR),
    ]


@pytest.mark.parametrize(
    ("amount", "left"),
    [(3, [0, 0]), (5, [0, 0]), (6, [0, 1]), (15, [0, 10]), (16, [1, 10]), (25, [10, 10])],
)
def test_refund_restores_what_was_taken_last(
    db: Connection, owner: Owner, amount: int, left: list[int]
) -> None:
    refund(db, "u1", use(db, "u1", 25)["id"], amount)
    assert remaining(owner, "u1") == left


def test_refunds_in_parts_restore_one_after_the_other(db: Connection, owner: Owner) -> None:
    usage = use(db, "u1", 25)["id"]
    left = []
    for _ in range(5):
        refund(db, "u1", usage, 5)
        left.append(remaining(owner, "u1"))
    assert left == [[0, 0], [0, 5], [0, 10], [5, 10], [10, 10]]


def test_refund_restores_what_its_own_usage_took(db: Connection, owner: Owner) -> None:
    first, second = use(db, "u1", 12), use(db, "u1", 12)
    refund(db, "u1", first["id"], 12)
    assert remaining(owner, "u1") == [10, 2]
    refund(db, "u1", second["id"], 12)
    assert remaining(owner, "u1") == [10, 10]


def test_refund_of_what_was_undated_stays_undated(db: Connection, owner: Owner) -> None:
    use(db, "u1", 20)
    refund(db, "u1", use(db, "u1", 10)["id"], 10)
    assert remaining(owner, "u1") == [0, 0]


def test_refund_without_a_usage_is_undated(db: Connection, owner: Owner) -> None:
    use(db, "u1", 25)
    give(db, "u1", 25)
    assert remaining(owner, "u1") == [0, 0]


def test_what_has_expired_meanwhile_stays_expired(
    db: Connection, owner: Owner, dated: list[Row]
) -> None:
    usage = use(db, "u1", 15)["id"]
    let_grant_run_out(owner, dated[0])
    refund(db, "u1", usage, 15)
    rows = ledger(owner, "u1")[-2:]
    assert [(row["type"], row["amount"]) for row in rows] == [("refund", 15), ("expiry", -10)]
    assert (balance(db, "u1"), expiring(db, "u1")) == (20, [10])


def test_refund_up_to_what_expired_is_whole(db: Connection, owner: Owner, dated: list[Row]) -> None:
    usage = use(db, "u1", 15)["id"]
    let_grant_run_out(owner, dated[0])
    refund(db, "u1", usage, 5)
    assert ledger(owner, "u1")[-1]["type"] == "refund"
    assert balance(db, "u1") == 20


def test_refund_lowers_total_spent_and_the_expiry_raises_it(
    db: Connection, owner: Owner, dated: list[Row]
) -> None:
    usage = use(db, "u1", 15)["id"]
    let_grant_run_out(owner, dated[0])
    refund(db, "u1", usage, 15)
    answer = figures(db, "u1")
    assert (answer["total_earned"], answer["total_spent"]) == (30, 10)


def test_retry_of_the_refund_returns_the_first_result(
    db: Connection, owner: Owner, dated: list[Row]
) -> None:
    usage = use(db, "u1", 15)["id"]
    let_grant_run_out(owner, dated[0])
    first = refund(db, "u1", usage, 15, idempotency_key="k")
    use(db, "u1", 1)
    assert refund(db, "u1", usage, 15, idempotency_key="k") == {**first, "replayed": True}
    assert balance(db, "u1") == 19


def test_cancelled_gift_restores_the_dates(db: Connection, owner: Owner) -> None:
    made = gift(db, "u1", 25)
    assert remaining(owner, "u1") == [0, 0]
    call(db, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1")
    assert remaining(owner, "u1") == [10, 10]


def test_gift_that_ran_out_restores_the_dates_of_what_was_not_claimed(
    db: Connection, owner: Owner
) -> None:
    made = gift(db, "u1", 24, total_portions=2)
    redeem(db, made["code"], "u2")
    run_out(owner, made["code"])
    call(db, "gifts.expire_gifts")
    assert remaining(owner, "u1") == [0, 8]


def test_what_is_redeemed_does_not_expire(db: Connection, owner: Owner, dated: list[Row]) -> None:
    redeem(db, gift(db, "u1", 10)["code"], "u2")
    let_grant_run_out(owner, dated[0])
    assert (balance(db, "u2"), figures(db, "u2")["expiring"]) == (10, None)
