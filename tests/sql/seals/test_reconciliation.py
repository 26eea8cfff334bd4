"""A run of what is new begins at the last verified seal of each account."""

import pytest

from tests.databases import Connection, Owner
from tests.sql.books import seal
from tests.sql.calls import rows, use, use_guild
from tests.sql.lifecycle import erase
from tests.sql.seals.forgery import lower_a_debit, unprotected

pytestmark = [pytest.mark.off_books, pytest.mark.usefixtures("history")]

SEALS = {"broken_seals", "verified_and_changed"}


def run(owner: Owner, scope: str = "new") -> tuple[str, set[str]]:
    """Run all checks; return the scope that it took, and which checks of seals found something."""
    found = rows(owner, "credits.reconcile", scope=scope)
    (taken,) = {row["scope"] for row in found}
    return taken, {row["check_name"] for row in found if row["discrepancies"]} & SEALS


def test_seals_of_old_and_new_rows_are_clean(db: Connection, owner: Owner) -> None:
    run(owner)
    seal(owner)
    assert run(owner) == ("new", set())
    use(db, "u1", 1)
    use_guild(db, "g1", "u1", 1)
    seal(owner)
    use(db, "u1", 1)
    assert run(owner) == ("new", set())


def test_rows_verified_before_and_sealed_since_are_looked_at(owner: Owner) -> None:
    """An account that does not move may be sealed after the run that verified its rows."""
    run(owner)
    seal(owner)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u1", 3)
    assert run(owner) == ("new", SEALS)


def test_rows_of_pools_verified_before_and_sealed_since_are_looked_at(owner: Owner) -> None:
    run(owner)
    seal(owner)
    with unprotected(owner) as superuser:
        superuser.execute("update credits.entries set app_id = 'x' where account_id = 'g1'")
    assert run(owner) == ("new", {"broken_seals"})


def test_rows_sealed_since_of_an_account_that_moved_are_looked_at(
    db: Connection, owner: Owner
) -> None:
    seal(owner)
    run(owner)
    use(db, "u1", 1)
    use(db, "u1", 1)
    seal(owner)
    with unprotected(owner) as superuser:
        lower_a_debit(superuser, "u1", 8)
    assert run(owner) == ("new", {"broken_seals"})


def test_rows_below_a_verified_seal_are_left_to_a_full_run(owner: Owner) -> None:
    seal(owner)
    run(owner)
    with unprotected(owner) as superuser:
        superuser.execute("update credits.entries set app_id = 'x' where account_id = 'u1'")
    assert run(owner) == ("new", set())
    assert run(owner, "full") == ("full", {"broken_seals"})


def test_seal_that_was_verified_and_is_gone_is_noticed(owner: Owner) -> None:
    seal(owner)
    run(owner)
    with unprotected(owner) as superuser:
        superuser.execute("delete from credits.seals where account_id = 'u1'")
    assert run(owner) == ("new", {"verified_and_changed"})
    assert run(owner, "full") == ("full", {"verified_and_changed"})


def test_erasure_between_two_runs_is_clean(db: Connection, owner: Owner) -> None:
    seal(owner)
    run(owner)
    erase(db, "u1")
    seal(owner)
    assert run(owner) == ("new", set())
    assert run(owner, "full") == ("full", set())


def test_auditor_may_look_at_the_checks(db: Connection, owner: Owner) -> None:
    seal(owner)
    db.execute("set session authorization test_auditor")
    for check in SEALS:
        for listed in ("", "{}"):
            db.execute("select set_config('credits.reconciliation', %s, true)", (listed,))
            assert db.execute(f"select * from reconcile.{check}").fetchall() == []
