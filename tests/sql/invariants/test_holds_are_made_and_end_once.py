"""Reservations and dated credits cannot be changed by hand."""

import pytest

from databases import Connection, Owner
from sql.calls import use
from sql.invariants.conftest import Edit
from sql.lifecycle import HOUR, commit, extend, grant, let_hold_run_out, release, reserve


@pytest.fixture(autouse=True)
def holds(db: Connection, owner: Owner) -> None:
    """u1 has one hold of each end, one open one of a pool, and dated credits, partly used."""
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
    "extended_at = now()",
    "first_expires_at = now()",
    "continues = gen_random_uuid()",
    "committed_late = not committed_late",
    "id = gen_random_uuid()",
    "app_id = 'images'",
    "called_by = 'somebody else'",
    "balance_after_hold = 0",
    "account_id = 'u9', user_id = 'u9'",
    "account_id = 'g9', organization_id = 'g9', spending_day = current_date",
]


@pytest.mark.parametrize("change", [*TERMS, "account_id = 'erased:x', user_id = 'erased:x'"])
def test_open_hold_cannot_be_changed(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.reservations set {change} where reason = 'open'")


@pytest.mark.parametrize("change", ["first_expires_at = null", "first_expires_at = now()"])
def test_first_end_of_an_extended_hold_cannot_be_changed(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.reservations set {change} where reason = 'extended'")


@pytest.mark.parametrize(
    "change", ["user_id = 'u2'", "spending_day = spending_day - 1", "user_id = 'erased:x'"]
)
def test_open_hold_of_a_pool_cannot_be_given_to_another(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.reservations set {change} where reason = 'of a guild'")


@pytest.mark.parametrize("end", ["released", "committed", "late"])
@pytest.mark.parametrize(
    "change",
    [
        *TERMS,
        "status = 'held', ended_at = null",
        "status = 'held', ended_at = null, committed_amount = 0",
        "status = 'expired', committed_amount = 0",
        "ended_at = now()",
        "committed_amount = 2",
        "status = 'committed', committed_amount = 2",
        "status = 'committed', committed_amount = 2, committed_late = true",
    ],
)
def test_hold_that_ended_cannot_be_changed(refused_edit: Edit, end: str, change: str) -> None:
    refused_edit(f"update credits.reservations set {change} where reason = '{end}'")


@pytest.mark.parametrize(
    "change",
    [
        *TERMS,
        "status = 'held', ended_at = null",
        "ended_at = now()",
        "status = 'released', ended_at = now()",
        "status = 'committed', committed_amount = 1",
    ],
)
def test_hold_past_its_time_cannot_be_changed(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.reservations set {change} where reason = 'expired'")


def test_commit_cannot_be_given_another_row(refused_edit: Edit) -> None:
    refused_edit(
        """
        update credits.reservations set transaction_id = gen_random_uuid()
        where reason = 'committed'
        """
    )


def test_hold_cannot_be_made_as_if_it_had_ended(refused_edit: Edit) -> None:
    refused_edit(
        """
        insert into credits.reservations (
            account_id, id, user_id, amount, status, app_id, reason, balance_after_hold, created_at,
            expires_at, ended_at
        )
        values (
            'u1', credits._new_id(), 'u1', 1, 'released', 'chat', '', 0, now(),
            now() + interval '1 hour', now()
        )
        """
    )


def test_hold_of_more_than_there_is_cannot_be_made(refused_edit: Edit) -> None:
    refused_edit(
        """
        insert into credits.reservations (
            account_id, id, user_id, amount, app_id, reason, balance_after_hold, created_at,
            expires_at
        )
        values (
            'u1', credits._new_id(), 'u1', 1000, 'chat', '', 0, now(), now() + interval '1 hour'
        )
        """
    )


def test_commit_without_a_hold_is_refused(refused_edit: Edit) -> None:
    refused_edit(
        """
        select credits._post_transaction(
            b, 'usage', -1, 'Never held', 'chat', p_reference_id => credits._new_id()::text
        )
        from credits.balances b where b.user_id = 'u1'
        """
    )


@pytest.mark.parametrize("edit", ["delete from {}", "truncate {}"])
@pytest.mark.parametrize(
    "table", ["credits.reservations", "credits.dated_credits", "credits.dated_movements"]
)
def test_rows_cannot_be_removed(refused_edit: Edit, table: str, edit: str) -> None:
    refused_edit(edit.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "remaining = granted",
        "remaining = 0",
        "granted = granted + 1",
        "expires_at = expires_at + interval '1 day'",
        "user_id = 'u2'",
    ],
)
def test_dated_credits_cannot_be_changed(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.dated_credits set {change}")


@pytest.mark.parametrize(
    "change", ["amount = amount + 1", "cause_id = gen_random_uuid()", "created_at = now()"]
)
def test_movement_of_dated_credits_cannot_be_changed(refused_edit: Edit, change: str) -> None:
    refused_edit(f"update credits.dated_movements set {change}")


DATED = """
    insert into credits.dated_credits (user_id, id, granted, remaining, expires_at, created_at)
"""


def test_dated_credits_that_nobody_granted_are_refused(refused_edit: Edit) -> None:
    refused_edit(
        f"{DATED} values ('u1', credits._new_id(), 5, 5, now() + interval '1 hour', now())"
    )


@pytest.mark.parametrize("figures", ["101, 101", "100, 50", "50, 50"])
def test_dated_credits_are_as_many_as_were_granted(
    db: Connection, owner: Owner, refused_edit: Edit, figures: str
) -> None:
    granted = grant(db, "u1", 100, "undated")["transaction_id"]
    refused_edit(
        f"{DATED} values ('u1', %s, {figures}, now() + interval '1 hour', now())", (granted,)
    )


@pytest.mark.parametrize("amount", [4, -8])
def test_more_cannot_be_moved_than_was_granted_and_taken(refused_edit: Edit, amount: int) -> None:
    refused_edit(
        """
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        select user_id, credits._new_id(), id, credits._new_id(), %s, now()
        from credits.dated_credits
        """,
        (amount,),
    )
