"""credits.order_events: nothing is missed, whoever commits first, and accounts keep their order."""

import pytest

from tests.concurrency import in_background, run_parallel, wait_until_blocked
from tests.databases import Connection, Database
from tests.sql.calls import give, use
from tests.sql.concurrency.outcomes import session, successes
from tests.sql.events.consumers import ack, order, read, read_all, register


@pytest.fixture
def mirror(database: Database) -> Connection:
    """The consumer `mirror`, which wants to know of every change of a balance from now on."""
    dba = database.connect()
    give(dba, "u1", 100)
    give(dba, "u2", 100)
    register(dba, "mirror", "balance.changed")
    return session(database)


def test_late_committer_is_not_missed(database: Database, mirror: Connection) -> None:
    late = session(database, autocommit=False)
    use(late, "u1", 1)
    use(mirror, "u2", 2)
    (seen,) = read(mirror, "mirror")
    assert seen["user_id"] == "u2"
    ack(mirror, "mirror", seen)
    late.commit()
    assert [event["user_id"] for event in read_all(mirror, "mirror")] == ["u1"]


def test_long_transaction_elsewhere_holds_nothing_back(
    database: Database, mirror: Connection
) -> None:
    idle = database.connect(autocommit=False)
    idle.execute("create table somewhere_else (id integer)")
    use(mirror, "u1", 1)
    assert len(read(mirror, "mirror")) == 1
    idle.rollback()


def test_account_keeps_its_order_whoever_began_first(
    database: Database, mirror: Connection
) -> None:
    # The transaction that began first, and has the lower id, comes second to the account.
    early = session(database, autocommit=False)
    use(early, "u2", 1)
    with in_background(lambda: use(session(database), "u1", 1)) as other:
        other.result(timeout=10)
    use(early, "u1", 2)
    early.commit()
    of_u1 = [e["data"]["balance"] for e in read_all(mirror, "mirror") if e["user_id"] == "u1"]
    assert of_u1 == [99, 97]


def test_events_of_waiting_debits_come_in_the_order_of_the_account(
    database: Database, mirror: Connection
) -> None:
    observer, holder = database.connect(), session(database, autocommit=False)
    waiter = session(database)
    use(holder, "u1", 1)
    with in_background(lambda: use(waiter, "u1", 2)) as waiting:
        wait_until_blocked(observer, waiter.info.backend_pid)
        assert read(mirror, "mirror") == []
        holder.commit()
        waiting.result(timeout=10)
    assert [event["data"]["balance"] for event in read_all(mirror, "mirror")] == [99, 97]


def test_who_orders_is_not_waited_for(database: Database, mirror: Connection) -> None:
    use(mirror, "u1", 1)
    slow = session(database, autocommit=False)
    assert order(slow) == 1
    use(mirror, "u1", 1)
    assert read(mirror, "mirror") == []
    slow.commit()
    assert [event["data"]["balance"] for event in read(mirror, "mirror")] == [99, 98]


@pytest.mark.parametrize(("before", "after"), [("0", "1min"), ("2min", "1min"), ("5s", "5s")])
def test_transaction_that_ordered_is_not_left_open(
    database: Database, mirror: Connection, before: str, after: str
) -> None:
    def timeout(session: Connection) -> object:
        row = session.execute("show idle_in_transaction_session_timeout").fetchone()
        return row and row["idle_in_transaction_session_timeout"]

    use(mirror, "u1", 1)
    mirror.execute(f"set idle_in_transaction_session_timeout = '{before}'")
    with mirror.transaction():
        order(mirror)
        assert timeout(mirror) == after
    assert timeout(mirror) == before


def test_ordering_that_is_undone_loses_nothing(database: Database, mirror: Connection) -> None:
    use(mirror, "u1", 1)
    undone = session(database, autocommit=False)
    order(undone)
    undone.rollback()
    assert len(read(mirror, "mirror")) == 1


def test_reader_among_many_writers_sees_every_event_once_and_in_order(
    database: Database, mirror: Connection
) -> None:
    seen: list[dict[str, object]] = []

    def work(connection: Connection, i: int) -> int:
        if i == 0:
            while len(seen) < 60:
                seen.extend(read_all(connection, "mirror"))
        else:
            for _ in range(20):
                use(connection, "u1" if i % 2 else "u2", 1)
        return i

    assert len(successes(run_parallel(database, 4, work))) == 4
    for user_id, debits in (("u1", 40), ("u2", 20)):
        balances = [e["data"]["balance"] for e in seen if e["user_id"] == user_id]  # type: ignore[index]
        assert balances == list(range(99, 99 - debits, -1))
