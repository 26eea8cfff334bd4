"""Hand edits of holds and lots are refused, or found by the reconciliation."""

from collections.abc import Callable

import pytest

from tests.databases import Connection, Owner
from tests.sql.calls import give, use
from tests.sql.invariants.conftest import Edit
from tests.sql.lifecycle import HOUR, commit, extend, grant, let_hold_run_out, release, reserve


@pytest.fixture(autouse=True)
def holds(db: Connection, owner: Owner) -> None:
    """u1 has one hold of each end, an open one of a pool, and dated credits, partly used."""
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


TERMS = [
    "amount = amount + 1",
    "created_at = created_at - interval '1 hour'",
    "expires_at = expires_at + interval '1 hour'",
    "committed_late = not committed_late",
    "id = gen_random_uuid()",
    "app_id = 'images'",
    "sequence = sequence - 1",
    "reason = 'another'",
    "called_by = 'somebody else'",
    "sequence = sequence + 1",
    "account_id = 'u9', user_id = 'u9'",
    "account_id = 'g9', kind = 'pool', spending_day = current_date",
    "account_id = 'erased:x', user_id = 'erased:x'",
]


@pytest.mark.parametrize(
    "change",
    [
        *TERMS,
        "status = 'released', ended_at = now()",
        "status = 'expired', ended_at = now()",
        "status = 'committed', ended_at = now(), committed_amount = 1",
    ],
)
@pytest.mark.parametrize("hold", ["open", "extended"])
def test_open_hold_is_not_changed(noticed_edit: Edit, hold: str, change: str) -> None:
    noticed_edit(f"update credits.reservations set {change} where reason = '{hold}'")


@pytest.mark.parametrize(
    "change", ["user_id = 'u2'", "spending_day = spending_day - 1", "user_id = 'erased:x'"]
)
def test_open_hold_of_a_pool_is_not_given_to_another(noticed_edit: Edit, change: str) -> None:
    noticed_edit(f"update credits.reservations set {change} where reason = 'of a guild'")


@pytest.mark.parametrize("end", ["released", "committed", "late"])
@pytest.mark.parametrize(
    "change",
    [
        *TERMS,
        "status = 'held', ended_at = null",
        "status = 'held', ended_at = null, committed_amount = 0",
        "status = 'expired', committed_amount = 0, committed_late = false",
        "ended_at = now()",
        "committed_amount = 2",
        "status = 'committed', committed_amount = 2",
        "transaction_id = gen_random_uuid()",
        "uncollected = uncollected + 1",
    ],
)
def test_hold_that_ended_is_not_changed(noticed_edit: Edit, end: str, change: str) -> None:
    noticed_edit(f"update credits.reservations set {change} where reason = '{end}'")


@pytest.mark.parametrize(
    "change",
    [*TERMS, "status = 'held', ended_at = null", "status = 'committed', committed_amount = 1"],
)
def test_hold_past_its_time_is_not_changed(noticed_edit: Edit, change: str) -> None:
    noticed_edit(f"update credits.reservations set {change} where reason = 'expired'")


def test_hold_is_not_made(noticed_edit: Edit) -> None:
    noticed_edit(
        """
        insert into credits.reservations (
            account_id, kind, id, user_id, amount, app_id, reason, created_at, expires_at
        )
        values (
            'u1', 'person', credits._new_id(), 'u1', 1, 'chat', '', now(), now() + interval '1 hour'
        )
        """
    )


@pytest.mark.parametrize("edit", ["delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["credits.reservations", "credits.lots", "credits.lot_movements"])
def test_rows_are_not_removed(db: Connection, noticed_edit: Edit, table: str, edit: str) -> None:
    release(db, reserve(db, "u1", 1))
    noticed_edit(edit.format(table))


LOTS: dict[str, Callable[[Connection], object]] = {
    "of which entries say what is left": lambda db: use(db, "u1", 1),
    "of which the table says what is left": lambda db: give(db, "u1", 1),
}


@pytest.mark.parametrize("lot", LOTS)
@pytest.mark.parametrize(
    "change",
    [
        "remaining = 1",
        "remaining = 0",
        "granted = granted + 1",
        "expires_at = expires_at + interval '1 day'",
        "account_id = 'u2'",
        "account_id = 'erased:x'",
    ],
)
def test_lot_is_not_changed(db: Connection, noticed_edit: Edit, lot: str, change: str) -> None:
    LOTS[lot](db)
    noticed_edit(f"update credits.lots set {change}")


@pytest.mark.parametrize(
    "change", ["amount = amount + 1", "cause_id = gen_random_uuid()", "created_at = now()"]
)
def test_movement_of_a_lot_is_not_changed(db: Connection, noticed_edit: Edit, change: str) -> None:
    reserve(db, "u1", 1)
    noticed_edit(f"update credits.lot_movements set {change}")


LOT = "insert into credits.lots (account_id, id, granted, remaining, expires_at, created_at)"


def test_lot_that_nobody_granted_is_found(noticed_edit: Edit) -> None:
    noticed_edit(f"{LOT} values ('u1', credits._new_id(), 5, 5, now() + interval '1 hour', now())")


@pytest.mark.parametrize("figures", ["101, 101", "100, 50", "50, 50"])
def test_lot_of_a_grant_that_lasts_is_found(
    db: Connection, noticed_edit: Edit, figures: str
) -> None:
    granted = grant(db, "u1", 100, "undated")["transaction_id"]
    noticed_edit(
        f"{LOT} values ('u1', %s, {figures}, now() + interval '1 hour', now())", (granted,)
    )


@pytest.mark.parametrize("amount", [4, -8])
def test_movement_of_a_lot_without_its_lot_is_found(noticed_edit: Edit, amount: int) -> None:
    noticed_edit(
        """
        insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
        select account_id, credits._new_id(), id, credits._new_id(), %s, now() from credits.lots
        """,
        (amount,),
    )
