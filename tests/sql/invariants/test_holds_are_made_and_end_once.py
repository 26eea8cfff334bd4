"""Holds and lots changed by hand: refused or found."""

import pytest

from databases import Connection, Owner
from sql.calls import use
from sql.invariants.conftest import Edit
from sql.lifecycle import HOUR, commit, extend, grant, let_hold_run_out, release, reserve


@pytest.fixture(autouse=True)
def holds(db: Connection, owner: Owner) -> None:
    """u1 has a hold of each end, an open one, one of a pool, and a lot, partly used."""
    late, expired = (reserve(db, "u1", 2, reason=reason) for reason in ("late", "expired"))
    for held in (late, expired):
        let_hold_run_out(owner, held)
    commit(db, late, amount=1)
    reserve(db, "u1", 1, reason="open")
    extend(db, reserve(db, "u1", 1, reason="extended"), 60)
    release(db, reserve(db, "u1", 1, reason="released"))
    commit(db, reserve(db, "u1", 2, reason="committed"), amount=1)
    reserve(db, "u1", 1, guild_id="g1", reason="of a guild")
    grant(db, "u1", 10, expires_in=HOUR)
    use(db, "u1", 3)
    reserve(db, "u1", 1, reason="of a lot")


TERMS = [
    "amount = amount + 1",
    "created_at = created_at - interval '1 hour'",
    "expires_at = expires_at + interval '1 hour'",
    "id = gen_random_uuid()",
    "app_id = 'images'",
    "called_by = 'somebody else'",
    "account_id = 'u9', user_id = 'u9'",
    "account_id = 'erased:x', user_id = 'erased:x'",
    "account_id = 'g9', kind = 'pool', spending_day = current_date",
]


@pytest.mark.parametrize(
    "change",
    [
        *TERMS,
        "status = 'released', ended_at = now()",
        "status = 'committed', committed_amount = 1, ended_at = now()",
    ],
)
@pytest.mark.parametrize("hold", ["open", "extended"])
def test_open_hold_cannot_be_changed(noticed_edit: Edit, hold: str, change: str) -> None:
    noticed_edit(f"update credits.reservations set {change} where reason = '{hold}'")


@pytest.mark.parametrize("change", ["user_id = 'u2'", "user_id = 'erased:x'"])
def test_open_hold_of_a_pool_cannot_be_given_to_another(noticed_edit: Edit, change: str) -> None:
    noticed_edit(f"update credits.reservations set {change} where reason = 'of a guild'")


@pytest.mark.parametrize("end", ["released", "committed", "late", "expired"])
@pytest.mark.parametrize(
    "change",
    [
        *TERMS,
        "status = 'held', ended_at = null, committed_amount = 0, committed_late = false",
        "status = 'committed', committed_amount = 2",
    ],
)
def test_hold_that_ended_cannot_be_changed(noticed_edit: Edit, end: str, change: str) -> None:
    noticed_edit(f"update credits.reservations set {change} where reason = '{end}'")


def test_commit_cannot_be_given_another_entry(noticed_edit: Edit) -> None:
    noticed_edit(
        """
        update credits.reservations set transaction_id = gen_random_uuid()
        where reason = 'committed'
        """
    )


def test_hold_of_nothing_cannot_be_made(noticed_edit: Edit) -> None:
    noticed_edit(
        """
        insert into credits.reservations (
            account_id, kind, id, user_id, amount, app_id, reason, created_at, expires_at
        )
        values (
            'u1', 'person', credits._new_id(), 'u1', 1000, 'chat', '', now(),
            now() + interval '1 hour'
        )
        """
    )


@pytest.mark.parametrize("values", ["'usage', -1, 0", "'hold', 0, 1", "'release', 0, -1"])
def test_entry_of_no_hold_is_noticed(noticed_edit: Edit, values: str) -> None:
    noticed_edit(
        f"""
        select credits._post(
            'u1', 'person', {values}, 'Never held', 'chat',
            p_reference_id => credits._new_id()::text
        )
        """
    )


@pytest.mark.parametrize("edit", ["delete from {}", "truncate {}"])
@pytest.mark.parametrize(
    "table", ["credits.reservations", "credits.lots", "credits.lot_movements"]
)
def test_rows_cannot_be_removed(noticed_edit: Edit, table: str, edit: str) -> None:
    assert not noticed_edit(edit.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "remaining = 2",
        "remaining = 0",
        "granted = granted + 1",
        "expires_at = expires_at + interval '1 day'",
        "account_id = 'u2'",
    ],
)
def test_lot_cannot_be_changed(noticed_edit: Edit, change: str) -> None:
    # What is left of the lot in front is what the last entry says, until one without lots comes.
    if "remaining" in change:
        noticed_edit(
            f"update credits.lots set {change}; "
            "select credits._post('u1', 'person', 'refund', 1, p_description => 'Back')"
        )
    else:
        noticed_edit(f"update credits.lots set {change}")


LOT = "insert into credits.lots (account_id, id, granted, remaining, expires_at, created_at)"


def test_lot_that_nobody_granted_is_noticed(noticed_edit: Edit) -> None:
    noticed_edit(f"{LOT} values ('u1', credits._new_id(), 5, 5, now() + interval '1 hour', now())")


@pytest.mark.parametrize("amount", [4, -8])
def test_movement_of_a_lot_that_nothing_moved_is_noticed(noticed_edit: Edit, amount: int) -> None:
    noticed_edit(
        """
        insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
        select account_id, credits._new_id(), id, credits._new_id(), %s, now()
        from credits.lots
        """,
        (amount,),
    )
