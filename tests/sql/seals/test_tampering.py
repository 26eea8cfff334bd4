"""Changes of sealed rows are found, whatever somebody with a superuser's rights does."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import seal
from tests.sql.calls import give, use
from tests.sql.seals.forgery import broken, broken_accounts, lower_a_debit, unprotected

pytestmark = [pytest.mark.off_books, pytest.mark.usefixtures("history")]

ENTRIES = {
    "amount": "update credits.entries set amount = -9 where {third}",
    "what is available": "update credits.entries set available = available + 1 where {third}",
    "total": "update credits.entries set total_spent = 0 where {third}",
    "held": "update credits.entries set reserved = 1 where {third}",
    "debt": "update credits.entries set debt = 1 where {third}",
    "time": """
        update credits.entries set created_at = created_at + interval '1 microsecond' where {third}
    """,
    "end": "update credits.entries set ends_at = now() where {third}",
    "app": "update credits.entries set app_id = 'images' where {third}",
    "caller": "update credits.entries set called_by = 'somebody else' where {third}",
    "cause": "update credits.entries set reference_id = 'another' where {third}",
    "type": "update credits.entries set type = 'expiry' where {third}",
    "day": "update credits.entries set spending_day = '2020-01-01' where {third}",
    "direction": "update credits.entries set reversal = not reversal where {third}",
    "id": "update credits.entries set id = credits._id_after(id, id) where {third}",
    "first row removed": "delete from credits.entries where {account} and sequence = 1",
    "row removed": "delete from credits.entries where {third}",
    "last row removed": """
        delete from credits.entries e where {account}
            and e.sequence = (select max(sequence) from credits.entries where {account})
    """,
    "all rows removed": "delete from credits.entries where {account}",
    "row put between": """
        update credits.entries set sequence = sequence + 100 where {account} and sequence > 2;
        insert into credits.entries
        select (jsonb_populate_record(e, '{{"sequence": 3}}')).*
        from credits.entries e where {account} and sequence = 2;
        update credits.entries set sequence = sequence - 99 where {account} and sequence > 100
    """,
    "numbers exchanged": """
        update credits.entries set sequence = -sequence where {account} and sequence in (2, 3);
        update credits.entries set sequence = 5 + sequence where {account} and sequence < 0
    """,
    "given to another": "update credits.entries set account_id = 'another' where {third}",
    "seal": "update credits.seals set hash = sha256('another') where {account}",
    "seal renumbered": "update credits.seals set sequence = 2 where {account}",
}


@pytest.mark.parametrize("account", ["u1", "g1"])
@pytest.mark.parametrize("forgery", ENTRIES)
def test_forged_ledger_is_found(owner: Owner, forgery: str, account: str) -> None:
    seal(owner)
    assert broken(owner) == []
    of = f"account_id = '{account}'"
    statement = ENTRIES[forgery].format(account=of, third=f"{of} and sequence = 3")
    with unprotected(owner) as superuser:
        superuser.execute(statement)
    assert account in broken_accounts(owner)


def test_forgery_in_which_all_figures_agree_is_found_by_the_seals_alone(owner: Owner) -> None:
    seal(owner)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u1", 3)
    assert owner.execute("select * from reconcile.broken_chains").fetchall() == []
    assert broken_accounts(owner) == {"u1"}


def test_ledgers_that_two_people_exchanged_are_found(owner: Owner) -> None:
    seal(owner)
    with unprotected(owner) as superuser:
        for old, new in (("u1", "-"), ("u2", "u1"), ("-", "u2")):
            superuser.execute(
                "update credits.entries set account_id = %s where account_id = %s", (new, old)
            )
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
        superuser.execute("delete from credits.entries where account_id = 'u2' and sequence = 4")
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
            update credits.entries
            set description = '', metadata = '{}', idempotency_key = null, request_id = null,
                reference_id = case when type <> 'grant' then reference_id end,
                other_id = case when kind = 'pool' then 'erased:x' else other_id end
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
