"""A person is erased while they move credits."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel

from tests.concurrency import (
    in_background,
    run_parallel,
    wait_until_blocked,
    wait_until_blocked_by,
)
from tests.databases import Connection, Database, refused
from tests.sql.books import add_package, gift_row, ledger, pool_ledger
from tests.sql.calls import Row, balance, call, fund, gift, give, pool, redeem, rows, use, use_guild
from tests.sql.concurrency.outcomes import refusals, session, successes
from tests.sql.events.consumers import order, read, register
from tests.sql.lifecycle import (
    Payments,
    commit,
    erase,
    extend,
    figures,
    grant,
    refund,
    release,
    reserve,
)


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    """The user u1 has 1000 credits, the pool g1 has 1000; u1 has used one of them."""
    connection = session(database)
    give(connection, "u1", 1000)
    for guild in ("g1", "g2", "m1"):
        pool(connection, guild, 1000)
    use_guild(connection, "g1", "u1", 1)


def test_erased_at_once_ten_times_is_erased_once(database: Database) -> None:
    outcomes = run_parallel(database, 10, lambda connection, _: erase(connection, "u1"))
    answers = successes(outcomes)
    assert len(answers) == 10
    assert sorted(answer["forfeited_credits"] for answer in answers) == [0] * 9 + [1000]
    assert sorted(bool(answer["deleted_count"]) for answer in answers) == [False] * 9 + [True]


MOVES: dict[str, Callable[[Connection], Any]] = {
    "use": lambda db: use(db, "u1", 1),
    "give": lambda db: give(db, "u1", 1),
    "use_guild": lambda db: use_guild(db, "g1", "u1", 1),
    "fund": lambda db: fund(db, "u1", "g1", 1),
    "reserve": lambda db: reserve(db, "u1", 1),
    "reserve of a guild": lambda db: reserve(db, "u1", 1, guild_id="g1"),
    "gift": lambda db: gift(db, "u1", 1),
    "redeem": lambda db: redeem(db, gift(db, "treasurer", 1)["code"], "u1"),
}


@pytest.mark.parametrize("move", MOVES)
def test_erasure_waits_for_a_movement_and_covers_it(database: Database, move: str) -> None:
    first, second = session(database, autocommit=False), session(database)
    give(second, "treasurer", 10)
    MOVES[move](first)
    with in_background(lambda: erase(second, "u1")) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert outcome.result()["deleted_count"] > 0
    superuser = database.connect()
    assert ledger(superuser, "u1") == []
    assert "u1" not in {row["user_id"] for row in pool_ledger(superuser, "g1")}


@pytest.mark.parametrize("move", ["use", "give", "use_guild", "gift", "redeem"])
def test_movement_waits_for_the_erasure_and_is_a_new_persons(database: Database, move: str) -> None:
    first, second = session(database, autocommit=False), session(database)
    give(second, "treasurer", 10)
    pseudonym = erase(first, "u1")["pseudonym"]
    with in_background(lambda: MOVES[move](second)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    needs_credits = move in {"use", "fund", "reserve", "gift"}
    state = getattr(outcome.exception(), "sqlstate", None)
    assert state == ("UC002" if needs_credits else None)
    assert balance(second, pseudonym) == 0
    assert figures(second, pseudonym)["total_earned"] == 1000


HOLD_ENDS: dict[str, tuple[Callable[..., Row], str | None]] = {
    "commit": (commit, "UC012"),
    "extend": (lambda db, held: extend(db, held, 60), "UC012"),
    "release": (release, None),
}


@pytest.mark.parametrize("end", HOLD_ENDS)
def test_end_of_a_hold_waits_for_the_erasure_and_finds_it_released(
    database: Database, end: str
) -> None:
    first, second = session(database, autocommit=False), session(database)
    held = reserve(second, "u1", 4)
    act, refusal = HOLD_ENDS[end]
    erase(first, "u1")
    with in_background(lambda: act(second, held)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert getattr(outcome.exception(), "sqlstate", None) == refusal
    if refusal is None:
        assert outcome.result()["replayed"]


def test_movement_in_a_pool_that_the_person_never_used_before_is_a_new_persons(
    database: Database,
) -> None:
    first, second = session(database, autocommit=False), session(database)
    pool(second, "g2", 10)
    use_guild(first, "g2", "u1", 1)
    pseudonym = erase(second, "u1")["pseudonym"]
    first.commit()
    superuser = database.connect()
    assert pool_ledger(superuser, "g2")[-1]["user_id"] == "u1"
    assert pool_ledger(superuser, "g1")[-1]["user_id"] == pseudonym


def test_pool_that_is_used_first_while_the_erasure_waits_is_left_too(database: Database) -> None:
    first, second = session(database, autocommit=False), session(database)
    use(first, "u1", 1)
    with in_background(lambda: erase(second, "u1")) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        use_guild(session(database), "g2", "u1", 1)
        first.commit()
    assert pool_ledger(database.connect(), "g2")[-1]["user_id"] == outcome.result()["pseudonym"]


def test_address_that_a_gift_is_redeemed_with_meanwhile_is_removed_from_other_gifts(
    database: Database,
) -> None:
    first, second = session(database, autocommit=False), session(database)
    give(second, "treasurer", 10)
    redeemed, waiting = (
        gift(second, "treasurer", 1, target_email="u1@example.org") for _ in range(2)
    )
    redeem(first, redeemed["code"], "u1", email="u1@example.org")
    with in_background(lambda: erase(second, "u1")) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    pseudonym = outcome.result()["pseudonym"]
    for made in (redeemed, waiting):
        assert gift_row(database.connect(), made["code"])["target_email"] == pseudonym


def test_gift_made_and_redeemed_meanwhile_loses_the_address_it_was_for(database: Database) -> None:
    first, second, third = session(database, autocommit=False), session(database), session(database)
    give(third, "treasurer", 10)
    call(third, "gifts.redeem_pending_gifts", user_id="u1", email="u1@example.org")
    use(first, "u1", 1)
    with in_background(lambda: erase(second, "u1")) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        made = gift(third, "treasurer", 1, target_email="u1@example.org")
        redeem(first, made["code"], "u1", email="u1@example.org")
        first.commit()
    pseudonym = outcome.result()["pseudonym"]
    assert gift_row(database.connect(), made["code"])["target_email"] == pseudonym


def test_gift_of_a_new_person_who_is_erased_too_is_locked_before_their_account(
    database: Database,
) -> None:
    """It takes the place of one that the person before had made, so their number is the same."""
    first, third, fourth = (session(database, autocommit=False) for _ in range(3))
    second, others, observer = session(database), session(database), database.connect()
    give(others, "treasurer", 10)
    call(others, "gifts.redeem_pending_gifts", user_id="u1", email="u1@example.org")
    gift(others, "u1", 1)
    erase(first, "u1")
    made_since = gift(others, "treasurer", 1, target_email="u1@example.org")
    assert redeem(third, made_since["code"], "somebody")["status"] == "failed_wrong_user"
    with in_background(lambda: erase(second, "u1")) as outcome:
        wait_until_blocked(observer, second.info.backend_pid)
        first.commit()
        wait_until_blocked_by(observer, second.info.backend_pid, third.info.backend_pid)
        give(others, "u1", 5)
        made = gift(others, "u1", 2, total_portions=2)
        redeem(fourth, made["code"], "treasurer")
        third.commit()
        wait_until_blocked_by(observer, second.info.backend_pid, fourth.info.backend_pid)
        use(fourth, "u1", 1)
        fourth.commit()
    erased = outcome.result()
    assert erased["cancelled_gifts"] == 1
    # Three of five are left: one was used, one redeemed.
    assert erased["forfeited_credits"] == 3


def test_address_met_again_meanwhile_is_known_as_the_new_persons(database: Database) -> None:
    first, second = session(database, autocommit=False), session(database)
    give(second, "treasurer", 10)
    met = {"user_id": "u1", "email": "u1@example.org"}
    call(second, "gifts.redeem_pending_gifts", **met)
    erase(first, "u1")
    with in_background(lambda: call(second, "gifts.redeem_pending_gifts", **met)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert outcome.result()["redeemed_count"] == 0
    made = gift(second, "treasurer", 1, target_email="u1@example.org")
    pseudonym = erase(second, "u1")["pseudonym"]
    assert gift_row(database.connect(), made["code"])["target_email"] == pseudonym


def test_first_credits_ever_and_an_erasure_at_once_are_one_after_the_other(
    database: Database,
) -> None:
    users = [f"n{n}" for n in range(20)]

    def give_or_erase(connection: Connection, i: int) -> None:
        for user_id in users:
            if i % 2:
                erase(connection, user_id)
            else:
                give(connection, user_id, 1)

    assert refusals(run_parallel(database, 8, give_or_erase)) == {}
    assert sum(balance(session(database), user_id) for user_id in users) <= 80


def test_debits_of_a_person_who_is_erased_all_count(database: Database) -> None:
    def spend(connection: Connection, i: int) -> int:
        if i == 0:
            return -int(erase(connection, "u1")["forfeited_credits"])
        for _ in range(20):
            use(connection, "u1", 1)
        return 20

    outcomes = run_parallel(database, 8, spend)
    assert set(refusals(outcomes)) <= {"UC002"}
    superuser = database.connect()
    assert ledger(superuser, "u1") == []
    rows = superuser.execute(
        """
        select user_id, sum(amount) as left, count(distinct user_id) as people
        from credits.transactions where user_id like 'erased:%' group by user_id
        """
    ).fetchall()
    assert [row["left"] for row in rows] == [0]


def test_everything_a_person_does_while_being_erased_again_and_again_leaves_clean_books(
    database: Database,
) -> None:
    package = add_package(database.connect())

    def live(connection: Connection, i: int) -> set[str]:
        refused: set[str] = set()
        payments = Payments(connection, package)
        steps: list[Callable[[], Any]] = [
            lambda: give(connection, "u1", 5),
            lambda: grant(connection, "u1", 5, f"r{i}", expires_in=30),
            lambda: use(connection, "u1", 1),
            lambda: use_guild(connection, "g1", "u1", 1),
            lambda: fund(connection, "u1", "g1", 1),
            lambda: commit(connection, reserve(connection, "u1", 2), amount=1),
            lambda: release(connection, reserve(connection, "u1", 2, guild_id="g1")),
            lambda: payments.refunded(payments.buy("u1"), 100),
            lambda: _give_away(connection),
        ]
        for n in range(4 * len(steps)):
            try:
                if i < 2:
                    erase(connection, "u1")
                else:
                    steps[(n + i) % len(steps)]()
            except psycopg.Error as error:
                refused.add(str(error.sqlstate))
        return refused

    outcomes = successes(run_parallel(database, 10, live, role="api"))
    # Purchases of the person can no longer be found by their id after the erasure.
    expected = {"UC002", "UC004", "UC011", "UC012", "UG001", "UG002"}
    assert set().union(*outcomes) <= expected


def _give_away(connection: Connection) -> Row:
    made = gift(connection, "u1", 2, total_portions=2)
    redeem(connection, made["code"], "u1")
    return call(connection, "gifts.cancel_gift", gift_id=made["id"], creator_id="u1")


def test_refund_of_a_pools_usage_waits_for_the_erasure_and_finds_it_no_more(
    database: Database,
) -> None:
    first, second = session(database, autocommit=False), session(database)
    usage = use_guild(second, "g1", "u1", 1)["id"]
    erase(first, "u1")
    with in_background(lambda: refund(second, "u1", usage, 1)) as outcome:
        wait_until_blocked(database.connect(), second.info.backend_pid)
        first.commit()
    assert getattr(outcome.exception(), "sqlstate", None) == "UC009"


isolated = pytest.mark.parametrize(
    "isolation", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE]
)


@isolated
def test_nobody_is_erased_as_they_were_in_an_older_snapshot(
    database: Database, isolation: IsolationLevel
) -> None:
    """Rows that came since would be left behind, without an account."""
    first, late = session(database), session(database, autocommit=False)
    use(first, "u1", 1000)
    late.isolation_level = isolation
    assert balance(late, "u1") == 0
    give(first, "u1", 5)
    # Nothing is to be forfeited, hence nothing has to follow the newest entry.
    with refused(late, "UC001") as refusal:
        erase(late, "u1")
    assert list(refusal.details) == ["isolation"]
    late.rollback()
    assert erase(first, "u1")["forfeited_credits"] == 5


@isolated
def test_who_has_a_snapshot_from_before_an_erasure_begins_again(
    database: Database, isolation: IsolationLevel
) -> None:
    """Else what they do in a pool would go on from figures that are somebody else's by now."""
    first, late = session(database), session(database, autocommit=False)
    late.isolation_level = isolation
    assert balance(late, "u1") == 1000
    erase(first, "u1")
    with pytest.raises(psycopg.errors.SerializationFailure):
        use_guild(late, "g1", "u1", 1)
    late.rollback()
    use_guild(late, "g1", "u1", 1)
    late.commit()
    erase(first, "u1")
    assert "u1" not in {row["user_id"] for row in pool_ledger(database.connect(), "g1")}


def test_reconciliation_verifies_nobody_who_is_erased_meanwhile(database: Database) -> None:
    superuser, auditor = database.connect(), session(database, "auditor")
    eraser, blocker = session(database), database.connect(autocommit=False)
    # The run has its snapshot, and waits while it writes down how far it came.
    blocker.execute(
        """
        insert into credits.reconciled_accounts
        select 'treasurer', 'person', 1, gen_random_uuid(), 0, 0, 0, 0
        """
    )
    with in_background(lambda: rows(auditor, "credits.reconcile")) as run:
        wait_until_blocked(superuser, auditor.info.backend_pid)
        with in_background(lambda: erase(eraser, "u1")) as erasure:
            wait_until_blocked(superuser, eraser.info.backend_pid)
            blocker.rollback()
    assert {row["discrepancies"] for row in run.result()} == {0}
    assert erasure.result()["deleted_count"] > 0
    give(session(database), "u1", 7)
    found = rows(auditor, "credits.reconcile")
    assert {row["check_name"] for row in found if row["discrepancies"]} == set()
    assert found[0]["scope"] == "new"


def test_erasure_and_ordering_of_events_wait_for_each_other_in_one_order(
    database: Database,
) -> None:
    observer, holder = database.connect(), database.connect(autocommit=False)
    register(observer, "mirror")
    used, orderer, eraser = session(database), session(database), session(database)
    use_guild(used, "g1", "u1", 1)
    use_guild(used, "m1", "u2", 1)
    use(used, "u1", 1)
    # Ordering has what came first, and waits for what comes next.
    holder.execute("select from credits.outbox where account_id = 'm1' for update")
    with in_background(lambda: order(orderer)) as ordered:
        wait_until_blocked_by(observer, orderer.info.backend_pid, holder.info.backend_pid)
        with in_background(lambda: erase(eraser, "u1")) as erased:
            wait_until_blocked_by(observer, eraser.info.backend_pid, orderer.info.backend_pid)
            holder.commit()
            assert erased.result()["deleted_count"] > 0
        assert ordered.result() == 3
    told = read(used, "mirror")
    assert [(event["user_id"], event["organization_id"]) for event in told] == [
        (None, "g1"),
        ("u2", "m1"),
    ]


def test_events_of_an_erasure_that_is_not_committed_are_left_for_later(database: Database) -> None:
    register(database.connect(), "mirror")
    connection, eraser = session(database), session(database, autocommit=False)
    use(connection, "u1", 1)
    use_guild(connection, "g1", "u1", 1)
    erase(eraser, "u1")
    assert read(connection, "mirror") == []
    eraser.commit()
    assert [event["user_id"] for event in read(connection, "mirror")] == [None]


def test_erasure_of_somebody_without_an_account_leaves_a_new_persons_events(
    database: Database,
) -> None:
    observer, holder = database.connect(), database.connect(autocommit=False)
    register(observer, "mirror")
    connection, eraser = session(database), session(database)
    use_guild(connection, "g1", "u3", 1)
    holder.execute("select from credits.event_log for update")
    with in_background(lambda: erase(eraser, "u3")) as erased:
        wait_until_blocked_by(observer, eraser.info.backend_pid, holder.info.backend_pid)
        give(connection, "u3", 5)
        use_guild(connection, "g2", "u3", 1)
        holder.commit()
        erased.result()
    told = [(event["user_id"], event["organization_id"]) for event in read(connection, "mirror")]
    assert sorted(told, key=str) == [("u3", "g2"), ("u3", None), (None, "g1")]
