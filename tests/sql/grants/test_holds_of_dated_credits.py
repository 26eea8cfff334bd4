"""A hold takes what expires soonest, and gives it back in the reverse order."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, give, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    HOUR,
    commit,
    expire_due,
    expiring,
    extend,
    figures,
    grant,
    let_grant_run_out,
    let_hold_run_out,
    refund,
    release,
    remaining,
    reserve,
)


@pytest.fixture(autouse=True)
def dated(db: Connection) -> list[Row]:
    """u1 has 10 credits for an hour, 10 until tomorrow, and 10 that last."""
    give(db, "u1", 10)
    return [
        grant(db, "u1", 10, "hour", expires_in=HOUR),
        grant(db, "u1", 10, "tomorrow", expires_in=24 * HOUR),
    ]


def test_release_restores_the_dates(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 25)
    assert remaining(owner, "u1") == [0, 0]
    release(db, held)
    assert remaining(owner, "u1") == [10, 10]


def test_commit_of_everything_restores_nothing(db: Connection, owner: Owner) -> None:
    commit(db, reserve(db, "u1", 15))
    assert remaining(owner, "u1") == [0, 5]


@pytest.mark.parametrize(
    ("committed", "left"),
    [(24, [0, 0]), (20, [0, 0]), (17, [0, 3]), (10, [0, 10]), (4, [6, 10])],
)
def test_commit_of_a_part_restores_what_was_taken_last(
    db: Connection, owner: Owner, committed: int, left: list[int]
) -> None:
    commit(db, reserve(db, "u1", 25), amount=committed)
    assert remaining(owner, "u1") == left


def test_commit_takes_nothing_a_second_time(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 5)
    use(db, "u1", 5)
    commit(db, held)
    assert remaining(owner, "u1") == [0, 10]


def test_hold_past_its_time_has_its_dates_back_at_once(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 15)
    assert expiring(db, "u1") == [5]
    let_hold_run_out(owner, held)
    assert expiring(db, "u1") == [10, 10]


def test_hold_past_its_time_is_spent_by_date_again(db: Connection, owner: Owner) -> None:
    let_hold_run_out(owner, reserve(db, "u1", 15))
    use(db, "u1", 12)
    assert remaining(owner, "u1") == [0, 8]


def test_held_credits_do_not_expire(db: Connection, owner: Owner, dated: list[Row]) -> None:
    held = reserve(db, "u1", 15)
    let_grant_run_out(owner, dated[0])
    assert balance(db, "u1") == 15
    assert commit(db, held)["committed"] == 15


def test_what_expired_while_it_was_held_is_gone_when_it_is_released(
    db: Connection, owner: Owner, dated: list[Row]
) -> None:
    held = reserve(db, "u1", 15)
    let_grant_run_out(owner, dated[0])
    answer = release(db, held)
    assert (answer["released"], answer["balance"]) == (15, 20)
    assert ledger(owner, "u1")[-1]["type"] == "expiry"


def test_what_expired_while_it_was_held_is_gone_when_a_part_is_committed(
    db: Connection, owner: Owner, dated: list[Row]
) -> None:
    held = reserve(db, "u1", 15)
    let_grant_run_out(owner, dated[0])
    answer = commit(db, held, amount=4)
    assert (answer["released"], answer["balance"]) == (11, 20)


def test_what_expired_while_it_was_held_is_gone_when_the_hold_runs_out(
    db: Connection, api: Api, owner: Owner, dated: list[Row]
) -> None:
    held = reserve(db, "u1", 15)
    let_grant_run_out(owner, dated[0])
    let_hold_run_out(owner, held)
    before = figures(db, "u1")
    assert (before["balance"], before["total_spent"], expiring(db, "u1")) == (20, 10, [10])
    expire_due(api)
    after = figures(db, "u1")
    assert (after["balance"], after["total_spent"], expiring(db, "u1")) == (20, 10, [10])


def test_late_commit_takes_what_expires_soonest(
    db: Connection, owner: Owner, dated: list[Row]
) -> None:
    held = reserve(db, "u1", 25)
    let_hold_run_out(owner, held)
    commit(db, held, amount=12)
    assert remaining(owner, "u1") == [0, 8]


def test_late_commit_does_not_take_what_has_expired(
    db: Connection, owner: Owner, dated: list[Row]
) -> None:
    held = reserve(db, "u1", 15)
    let_grant_run_out(owner, dated[0])
    let_hold_run_out(owner, held)
    assert commit(db, held)["balance"] == 5
    assert [row["type"] for row in ledger(owner, "u1")[-2:]] == ["expiry", "usage"]
    assert remaining(owner, "u1") == [0, 0]


def test_refund_of_a_late_commit_restores_what_it_took(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 5)
    let_hold_run_out(owner, held)
    use(db, "u1", 8)
    usage = commit(db, held)["transaction_id"]
    assert remaining(owner, "u1") == [0, 7]
    refund(db, "u1", usage, 4)
    assert remaining(owner, "u1") == [1, 10]
    refund(db, "u1", usage, 1)
    assert remaining(owner, "u1") == [2, 10]


def test_extension_changes_nothing_of_what_is_held(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 15)
    extend(db, held, 60)
    assert remaining(owner, "u1") == [0, 5]
    release(db, held)
    assert remaining(owner, "u1") == [10, 10]


def test_hold_that_is_held_again_takes_and_restores_as_a_new_one(
    db: Connection, owner: Owner
) -> None:
    held = reserve(db, "u1", 5)
    let_hold_run_out(owner, held)
    use(db, "u1", 8)
    extend(db, held, 60)
    assert remaining(owner, "u1") == [0, 7]
    usage = commit(db, held, amount=4)["transaction_id"]
    assert remaining(owner, "u1") == [0, 8]
    refund(db, "u1", usage, 4)
    assert remaining(owner, "u1") == [2, 10]


def test_refund_of_a_commit_restores_the_dates_of_the_hold(db: Connection, owner: Owner) -> None:
    usage = commit(db, reserve(db, "u1", 25), amount=17)["transaction_id"]
    refund(db, "u1", usage, 9)
    assert remaining(owner, "u1") == [2, 10]
    refund(db, "u1", usage, 8)
    assert remaining(owner, "u1") == [10, 10]
