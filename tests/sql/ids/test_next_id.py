"""credits._next_id: the order of an account's ids is the order of its ledger."""

from datetime import UTC, datetime
from uuid import RFC_4122, UUID

from databases import Connection, Owner
from sql.books import ledger
from sql.calls import give, use
from sql.moments import Clock, now

FAR_AHEAD = UUID("f0000000-0000-7000-8000-000000000000")


def next_id(owner: Owner, last: UUID | None) -> UUID:
    row = owner.execute("select credits._next_id(%s) as id", (last,)).fetchone()
    assert row is not None
    return UUID(str(row["id"]))


def test_first_id_of_an_account_is_a_new_one(owner: Owner) -> None:
    assert next_id(owner, None).version == 7


def test_id_is_above_the_last_one(owner: Owner) -> None:
    last = next_id(owner, None)
    for _ in range(200):
        last, before = next_id(owner, last), last
        assert last > before


def test_id_is_above_the_last_one_when_the_clock_is_behind(owner: Owner) -> None:
    last = FAR_AHEAD
    for _ in range(200):
        last, before = next_id(owner, last), last
        assert last > before


def test_id_made_while_the_clock_is_behind_is_of_version_7(owner: Owner) -> None:
    one = next_id(owner, FAR_AHEAD)
    assert (one.version, one.variant) == (7, RFC_4122)


def test_counting_on_carries_into_the_milliseconds(owner: Owner) -> None:
    one = next_id(owner, UUID("f0000000-0000-7fff-bfff-ffffffffffff"))
    assert str(one)[:18] == "f0000000-0001-7000"


def test_ids_made_while_the_clock_is_behind_differ(owner: Owner) -> None:
    assert next_id(owner, FAR_AHEAD) != next_id(owner, FAR_AHEAD)


def test_ledger_goes_on_behind_a_row_from_the_future(
    db: Connection, owner: Owner, clock: Clock
) -> None:
    give(db, "u1", 10)
    clock.move_to(datetime(9999, 1, 1, tzinfo=UTC))
    owner.execute(
        """
        insert into credits.transactions (user_id, id, type, amount) values ('u1', %s, 'refund', 1)
        """,
        (FAR_AHEAD,),
    )
    clock.move_to(now(db))
    use(db, "u1", 1)
    use(db, "u1", 2)
    rows = ledger(owner, "u1")
    assert [row["amount"] for row in rows] == [10, 1, -1, -2]
    assert [row["balance_after"] for row in rows] == [10, 11, 10, 8]
