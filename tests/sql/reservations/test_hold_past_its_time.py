"""A hold's time is over at that moment, whether or not anybody has written it down."""

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, fund, gift, give, use
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    Call,
    commit,
    expire_due,
    figures,
    hold_row,
    let_hold_run_out,
    release,
    reserve,
)
from tests.sql.moments import Clock


@pytest.fixture
def held(db: Connection, owner: Owner) -> Row:
    """4 of the 10 credits of u1 were set aside for a time that is over."""
    held = reserve(db, "u1", 4, idempotency_key="k")
    let_hold_run_out(owner, held)
    return held


def test_credits_are_held_until_then_and_free_from_then_on(db: Connection, clock: Clock) -> None:
    held = reserve(db, "u1", 4, expires_in_seconds=1)
    assert balance(db, "u1") == 6
    clock.move_to(held["expires_at"])
    assert balance(db, "u1") == 10


def test_credits_can_be_spent_from_then_on(db: Connection, clock: Clock) -> None:
    held = reserve(db, "u1", 4, expires_in_seconds=1)
    with refused(db, "UC002"):
        use(db, "u1", 10)
    clock.move_to(held["expires_at"])
    assert use(db, "u1", 10)["balance"] == 0


def test_it_is_committed_late_from_then_on(db: Connection, clock: Clock) -> None:
    held, other = (reserve(db, "u1", 4, expires_in_seconds=1) for _ in range(2))
    assert commit(db, held)["late"] is False
    clock.move_to(other["expires_at"])
    assert commit(db, other)["late"] is True


def test_nothing_is_reserved_any_more(db: Connection, held: Row) -> None:
    answer = figures(db, "u1")
    names = ("balance", "reserved", "total_earned", "total_spent")
    assert [answer[name] for name in names] == [10, 0, 10, 0]


def test_reading_writes_nothing(db: Connection, owner: Owner, held: Row) -> None:
    balance(db, "u1")
    assert hold_row(owner, held)["status"] == "held"


@pytest.mark.parametrize("spend", [use, reserve, gift], ids=lambda spend: spend.__name__)
def test_credits_can_be_spent(db: Connection, held: Row, spend: Call) -> None:
    spend(db, "u1", 10)
    assert balance(db, "u1") == 0


def test_credits_can_fund_a_pool(db: Connection, held: Row) -> None:
    assert fund(db, "u1", "g1", 10)["balance"] == 0


def test_figures_of_a_later_row_do_not_know_it_any_more(
    db: Connection, owner: Owner, held: Row
) -> None:
    answer = give(db, "u1", 1)
    assert (answer["balance"], answer["reserved"]) == (11, 0)


@pytest.mark.parametrize("written_down", [False, True])
def test_releasing_it_succeeds_and_moves_nothing(
    db: Connection, api: Api, owner: Owner, held: Row, written_down: bool
) -> None:
    if written_down:
        expire_due(api)
    answer = release(db, held)
    assert (answer["released"], answer["balance"]) == (0, 10)
    assert hold_row(owner, held)["status"] == "released"
    assert (figures(db, "u1")["reserved"], len(ledger(owner, "u1"))) == (0, 1)


def test_retry_of_its_release_returns_the_first_result(db: Connection, held: Row) -> None:
    first = release(db, held)
    use(db, "u1", 3)
    assert release(db, held) == {**first, "replayed": True}


def test_retry_of_the_hold_returns_the_first_answer(db: Connection, held: Row) -> None:
    again = reserve(db, "u1", 4, idempotency_key="k")
    assert again["replayed"] is True
    for name in ("reservation_id", "balance"):
        assert again[name] == held[name]
    assert balance(db, "u1") == 10


def test_retry_of_a_commit_that_was_in_time_returns_the_first_result(
    db: Connection, owner: Owner
) -> None:
    held = reserve(db, "u1", 4)
    first = commit(db, held, amount=3)
    let_hold_run_out(owner, held)
    assert commit(db, held, amount=3) == {**first, "replayed": True}


def test_retry_of_a_release_that_was_in_time_returns_the_first_result(
    db: Connection, owner: Owner
) -> None:
    held = reserve(db, "u1", 4)
    first = release(db, held)
    use(db, "u1", 1)
    let_hold_run_out(owner, held)
    assert release(db, held) == {**first, "replayed": True}


def test_other_holds_stay(db: Connection, owner: Owner) -> None:
    short = reserve(db, "u1", 4)
    reserve(db, "u1", 3)
    let_hold_run_out(owner, short)
    assert (figures(db, "u1")["balance"], figures(db, "u1")["reserved"]) == (7, 3)
