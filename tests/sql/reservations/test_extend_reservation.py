"""credits.extend_reservation."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.databases import Connection, Owner, refused
from tests.sql.books import ledger
from tests.sql.calls import Row, balance, limit, use, use_guild
from tests.sql.conftest import Api
from tests.sql.lifecycle import (
    Call,
    commit,
    erase,
    expire_due,
    extend,
    figures,
    hold_row,
    let_hold_run_out,
    release,
    reserve,
    spending,
)
from tests.sql.moments import Clock, now

MONTH = 2_592_000


@pytest.fixture
def held(db: Connection) -> Row:
    """4 of the 10 credits of u1 are set aside for an hour."""
    return reserve(db, "u1", 4, expires_in_seconds=3600)


@pytest.fixture(params=[False, True], ids=["not written down", "written down"])
def overdue(
    request: pytest.FixtureRequest, db: Connection, api: Api, owner: Owner, held: Row
) -> Row:
    """Holds whose time is over."""
    let_hold_run_out(owner, held)
    if request.param:
        expire_due(api)
    return held


def assert_lasts(db: Connection, ends: object, seconds: int) -> None:
    """Assert that it is so long from now on, give or take what a call takes."""
    left = ends - now(db)  # type: ignore[operator]
    assert timedelta(seconds=seconds - 20) < left <= timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [30, 7200, MONTH])
def test_it_lasts_from_now_on_longer_or_shorter(db: Connection, held: Row, seconds: int) -> None:
    answer = extend(db, held, seconds)
    assert answer["reservation_id"] == held["reservation_id"]
    assert_lasts(db, answer["expires_at"], seconds)


def test_nothing_moves(db: Connection, owner: Owner, held: Row) -> None:
    extend(db, held, 7200)
    answer = figures(db, "u1")
    assert (answer["balance"], answer["reserved"]) == (6, 4)
    assert len(ledger(owner, "u1")) == 1


def test_repetition_counts_from_its_own_moment(db: Connection, held: Row, clock: Clock) -> None:
    first = extend(db, held, 7200)
    clock.advance(600)
    again = extend(db, held, 7200)
    assert again["expires_at"] - first["expires_at"] >= timedelta(seconds=600)
    assert figures(db, "u1")["reserved"] == 4


def test_it_is_held_until_the_new_end_and_free_then(
    db: Connection, held: Row, clock: Clock
) -> None:
    ends = extend(db, held, 7200)["expires_at"]
    clock.move_to(held["expires_at"])
    assert balance(db, "u1") == 6
    clock.move_to(ends)
    assert balance(db, "u1") == 10


def test_shorter_time_ends_it_sooner(db: Connection, held: Row, clock: Clock) -> None:
    clock.move_to(extend(db, held, 30)["expires_at"])
    assert use(db, "u1", 10)["balance"] == 0


def test_it_is_committed_in_time_after_the_first_end(
    db: Connection, held: Row, clock: Clock
) -> None:
    extend(db, held, 7200)
    clock.move_to(held["expires_at"])
    answer = commit(db, held, amount=3)
    assert (answer["committed"], answer["late"], answer["balance"]) == (3, False, 7)


def test_it_can_last_for_months(db: Connection, held: Row, clock: Clock) -> None:
    for _ in range(3):
        clock.move_to(extend(db, held, MONTH)["expires_at"] - timedelta(seconds=1))
    assert figures(db, "u1")["reserved"] == 4
    assert commit(db, held)["late"] is False


def test_retry_of_the_hold_returns_the_first_answer(db: Connection) -> None:
    first = reserve(db, "u1", 4, idempotency_key="k")
    extend(db, first, 30)
    extend(db, first, 60)
    assert reserve(db, "u1", 4, idempotency_key="k") == {**first, "replayed": True}


def test_past_its_time_it_is_held_again(db: Connection, owner: Owner, overdue: Row) -> None:
    answer = extend(db, overdue, 7200)
    assert answer["reservation_id"] == overdue["reservation_id"]
    assert_lasts(db, answer["expires_at"], 7200)
    assert (figures(db, "u1")["balance"], figures(db, "u1")["reserved"]) == (6, 4)
    with refused(db, "UC002"):
        use(db, "u1", 7)
    assert len(ledger(owner, "u1")) == 1


def test_held_again_it_is_committed_in_time(db: Connection, overdue: Row) -> None:
    extend(db, overdue, 7200)
    use(db, "u1", 6)
    first = commit(db, overdue, amount=3)
    assert (first["committed"], first["released"], first["late"]) == (3, 1, False)
    assert commit(db, overdue, amount=3) == {**first, "replayed": True}
    assert balance(db, "u1") == 1


def test_held_again_it_is_released(db: Connection, overdue: Row) -> None:
    extend(db, overdue, 7200)
    first = release(db, overdue)
    assert (first["released"], first["balance"]) == (4, 10)
    use(db, "u1", 1)
    assert release(db, overdue) == {**first, "replayed": True}
    with refused(db, "UC012") as refusal:
        commit(db, overdue)
    assert refusal.details["reservationId"] == str(overdue["reservation_id"])


def test_held_again_it_runs_out_again(db: Connection, overdue: Row, clock: Clock) -> None:
    for _ in range(2):
        clock.move_to(extend(db, overdue, 7200)["expires_at"])
        assert balance(db, "u1") == 10
    assert commit(db, overdue)["late"] is True
    assert balance(db, "u1") == 6


def test_held_again_it_is_extended_again(db: Connection, overdue: Row, clock: Clock) -> None:
    clock.move_to(extend(db, overdue, 60)["expires_at"] - timedelta(seconds=1))
    ends = extend(db, overdue, 60)["expires_at"]
    clock.move_to(ends - timedelta(seconds=1))
    assert figures(db, "u1")["reserved"] == 4
    clock.move_to(ends)
    assert figures(db, "u1")["reserved"] == 0


def test_retry_of_a_hold_that_is_held_again_returns_the_first_answer(
    db: Connection, clock: Clock
) -> None:
    first = reserve(db, "u1", 4, idempotency_key="k")
    clock.move_to(first["expires_at"])
    extend(db, first, 30)
    assert reserve(db, "u1", 4, idempotency_key="k") == {**first, "replayed": True}
    assert figures(db, "u1")["reserved"] == 4


def test_past_its_time_it_is_not_held_again_without_its_credits(
    db: Connection, owner: Owner, overdue: Row
) -> None:
    use(db, "u1", 7)
    with refused(db, "UC002") as refusal:
        extend(db, overdue, 60)
    assert refusal.details == {"required": 4, "available": 3}
    assert hold_row(owner, overdue)["status"] == "expired"
    assert commit(db, overdue, amount=3)["late"] is True


def test_of_a_pool_it_is_held_again_within_the_members_limit(db: Connection, owner: Owner) -> None:
    held = reserve(db, "u1", 40, guild_id="g1")
    let_hold_run_out(owner, held)
    limit(db, "g1", "u1", daily_limit=50)
    use_guild(db, "g1", "u1", 20)
    with refused(db, "UC003") as refusal:
        extend(db, held, 60)
    assert (refusal.details["spent"], refusal.details["requested"]) == (20, 40)
    limit(db, "g1", "u1", daily_limit=60)
    extend(db, held, 60)
    assert spending(db, "g1", "u1")["spent_today"] == 60
    assert commit(db, held, amount=30)["balance"] == 50
    assert spending(db, "g1", "u1")["spent_today"] == 50


def test_limit_that_was_lowered_does_not_hinder_it_while_it_is_held(db: Connection) -> None:
    held = reserve(db, "u1", 40, guild_id="g1")
    limit(db, "g1", "u1", daily_limit=0)
    extend(db, held, 60)
    assert commit(db, held)["committed"] == 40


@pytest.mark.parametrize(("end", "state"), [(commit, "UC013"), (release, "UC012")])
@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_what_has_ended_is_not_extended(
    db: Connection, owner: Owner, held: Row, end: Call, state: str, late: bool
) -> None:
    if late:
        let_hold_run_out(owner, held)
    end(db, held)
    with refused(db, state) as refusal:
        extend(db, held, 60)
    assert refusal.details["reservationId"] == str(held["reservation_id"])


def test_hold_of_an_erased_person_is_not_extended(
    db: Connection, owner: Owner, overdue: Row
) -> None:
    erase(db, "u1")
    with refused(db, "UC014"):
        extend(db, overdue, 60)


@pytest.mark.parametrize("unknown", [None, uuid4()], ids=["none", "unknown"])
def test_unknown_hold_is_not_found(db: Connection, unknown: object) -> None:
    with refused(db, "UC011"):
        extend(db, {"reservation_id": unknown}, 60)


def test_held_again_it_is_the_same_row(db: Connection, owner: Owner, overdue: Row) -> None:
    ends = extend(db, overdue, 60)["expires_at"]
    row = hold_row(owner, overdue)
    assert (row["status"], row["expires_at"], row["ended_at"]) == ("held", ends, None)
    found = owner.execute("select count(*) from credits.reservations").fetchone()
    assert found == {"count": 1}


@pytest.mark.parametrize("seconds", [0, -1, MONTH + 1, None])
def test_no_time_or_too_long_is_refused(db: Connection, held: Row, seconds: int | None) -> None:
    with refused(db, "UC001") as refusal:
        extend(db, held, seconds)
    assert list(refusal.details) == ["expiresInSeconds"]


def test_what_cannot_be_is_reported_before_a_missing_hold(db: Connection) -> None:
    with refused(db, "UC001"):
        extend(db, {"reservation_id": uuid4()}, 0)
