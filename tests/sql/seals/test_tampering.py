"""Whatever somebody with a superuser's rights does to sealed rows is found."""

import pytest

from databases import Connection, Owner
from sql.books import seal
from sql.calls import give, use
from sql.seals.forgery import broken, broken_accounts, lower_a_debit, unprotected

pytestmark = [pytest.mark.off_books, pytest.mark.usefixtures("history")]

PERSONAL = {
    "amount": "update credits.transactions set amount = -9 where {third}",
    "figures": """
        update credits.transactions
        set balance_before = balance_before + 1, balance_after = balance_after + 1 where {third}
    """,
    "total": "update credits.transactions set total_spent_after = 0 where {third}",
    "held": "update credits.transactions set reserved_after = 1 where {third}",
    "time": """
        update credits.transactions set created_at = created_at + interval '1 microsecond'
        where {third}
    """,
    "time of completion": "update credits.transactions set completed_at = now() where {third}",
    "app": "update credits.transactions set app_id = 'images' where {third}",
    "guild": "update credits.transactions set guild_id = 'g1' where {third}",
    "caller": "update credits.transactions set called_by = 'somebody else' where {third}",
    "cause": "update credits.transactions set reference_id = 'another' where {third}",
    "type": "update credits.transactions set type = 'expiry' where {third}",
    "direction": "update credits.transactions set reversal = not reversal where {third}",
    "id": "update credits.transactions set id = credits._next_id(id) where {third}",
    "first row removed": "delete from credits.transactions where user_id = 'u1' and sequence = 1",
    "row removed": "delete from credits.transactions where {third}",
    "last row removed": """
        delete from credits.transactions t using credits.balances b
        where t.user_id = 'u1' and b.user_id = 'u1' and t.id = b.last_transaction_id
    """,
    "all rows removed": "delete from credits.transactions where user_id = 'u1'",
    "row put between": """
        insert into credits.transactions
        select (jsonb_populate_record(
            t, jsonb_build_object('id', overlay(t.id::text placing 'ffffffffffff' from 25))
        )).*
        from credits.transactions t where {third}
    """,
    "numbers exchanged": """
        update credits.transactions set sequence = 5 - sequence
        where user_id = 'u1' and sequence in (2, 3)
    """,
    "given to another": "update credits.transactions set user_id = 'u2' where {third}",
    "seal": "update credits.seals set hash = sha256('another') where user_id = 'u1'",
    "seal renumbered": "update credits.seals set sequence = 3 where user_id = 'u1'",
}


@pytest.mark.parametrize("forgery", PERSONAL)
def test_forged_personal_ledger_is_found(owner: Owner, forgery: str) -> None:
    seal(owner)
    assert broken(owner) == []
    statement = PERSONAL[forgery].format(third="user_id = 'u1' and sequence = 3")
    with unprotected(owner) as superuser:
        assert superuser.execute(statement).rowcount > 0
    assert "u1" in broken_accounts(owner)


def test_rows_in_each_others_place_are_found(owner: Owner) -> None:
    seal(owner)
    with unprotected(owner) as superuser:
        low, high = superuser.execute(
            "select id from credits.transactions where user_id = 'u1' and sequence in (2, 3) "
            "order by id"
        ).fetchall()
        between = "00000000-0000-7000-8000-000000000000"
        for old, new in ((low["id"], between), (high["id"], low["id"]), (between, high["id"])):
            superuser.execute("update credits.transactions set id = %s where id = %s", (new, old))
    assert broken_accounts(owner) == {"u1"}


POOLED = {
    "amount": "update credits.guild_transactions set amount = -9 where {third}",
    "time": """
        update credits.guild_transactions set created_at = created_at - interval '1 second'
        where {third}
    """,
    "day": "update credits.guild_transactions set spending_day = spending_day - 1 where {third}",
    "cause": "update credits.guild_transactions set reference_id = 'another' where {third}",
    "row removed": "delete from credits.guild_transactions where {third}",
    "last row removed": """
        delete from credits.guild_transactions where organization_id = 'g1' and sequence = 4
    """,
    "given to another": """
        update credits.guild_transactions set organization_id = 'g2' where {third}
    """,
    "seal": "update credits.guild_seals set hash = sha256('x') where organization_id = 'g1'",
}


@pytest.mark.parametrize("forgery", POOLED)
def test_forged_ledger_of_a_pool_is_found(owner: Owner, forgery: str) -> None:
    seal(owner)
    statement = POOLED[forgery].format(third="organization_id = 'g1' and sequence = 3")
    with unprotected(owner) as superuser:
        assert superuser.execute(statement).rowcount > 0
    assert "g1" in broken_accounts(owner)


def test_forgery_in_which_all_figures_agree_is_found_by_the_seals_alone(owner: Owner) -> None:
    seal(owner)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u1", 3)
    for view in ("broken_chains", "balances_off_ledger"):
        assert owner.execute(f"select * from reconcile.{view}").fetchall() == []
    assert broken_accounts(owner) == {"u1"}


def test_ledgers_that_two_people_exchanged_are_found(owner: Owner) -> None:
    seal(owner)
    with unprotected(owner) as superuser:
        for table in ("credits.transactions", "credits.balances"):
            for old, new in (("u1", "-"), ("u2", "u1"), ("-", "u2")):
                superuser.execute(f"update {table} set user_id = %s where user_id = %s", (new, old))
    assert broken_accounts(owner) == {"u1", "u2"}


def test_which_rows_they_are_is_told(db: Connection, owner: Owner) -> None:
    """Seals divide a ledger into parts, and each part is checked by itself."""
    seal(owner)
    use(db, "u2", 1)
    use(db, "u2", 2)
    seal(owner)
    use(db, "u2", 3)
    seal(owner)
    with unprotected(owner) as superuser:
        superuser.execute("delete from credits.transactions where user_id = 'u2' and sequence = 4")
    (found,) = broken(owner)
    assert (found["account"], found["what"], found["difference"]) == ("u2", "rows 4 to 5", -1)
    assert found["expected"] != found["actual"]


def test_row_is_evidence_only_once_it_is_sealed(db: Connection, owner: Owner) -> None:
    seal(owner)
    use(db, "u2", 1)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u2", 4)
    assert broken(owner) == []
    seal(owner)
    assert broken(owner) == []


def test_what_an_erasure_rewrites_is_not_covered(owner: Owner) -> None:
    seal(owner)
    with unprotected(owner) as superuser:
        superuser.execute(
            """
            update credits.transactions
            set description = '', metadata = '{}', idempotency_key = null,
                reference_id = case when type <> 'grant' then reference_id end
            """
        )
        superuser.execute(
            """
            update credits.guild_transactions
            set user_id = 'erased:x', description = '', metadata = '{}', idempotency_key = null
            """
        )
    assert broken(owner) == []


def test_forged_account_goes_on_being_broken_when_it_is_sealed_again(
    db: Connection, owner: Owner
) -> None:
    seal(owner)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u1", 3)
    give(db, "u1", 1)
    seal(owner)
    assert broken_accounts(owner) == {"u1"}
