"""credits.init_balance."""

from tests.databases import Connection, Owner
from tests.sql.books import ledger
from tests.sql.calls import call, give


def test_account_is_opened_with_zeros(db: Connection, owner: Owner) -> None:
    call(db, "credits.init_balance", user_id="u1")
    (row,) = owner.execute("select * from credits.balances where user_id = 'u1'").fetchall()
    assert (row["balance"], row["total_earned"], row["total_spent"]) == (0, 0, 0)


def test_opening_moves_nothing(db: Connection, owner: Owner) -> None:
    call(db, "credits.init_balance", user_id="u1")
    assert ledger(owner, "u1") == []


def test_account_that_is_there_stays_as_it_is(db: Connection) -> None:
    give(db, "u1", 7)
    before = call(db, "credits.get_balance", user_id="u1")
    assert call(db, "credits.init_balance", user_id="u1") == before


def test_opening_twice_answers_the_same(db: Connection) -> None:
    first = call(db, "credits.init_balance", user_id="u1")
    assert call(db, "credits.init_balance", user_id="u1") == first
