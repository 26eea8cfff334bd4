"""credits.reconcile and its views: nothing that is off goes unnoticed, were protection dropped."""

from datetime import UTC, datetime, timedelta

import pytest

from databases import Connection, Owner
from sql.books import add_package, fold_usage
from sql.calls import Row, call, gift, give, pool, redeem, rows, use, use_guild
from sql.conftest import Api

BREACHES = {
    "balances_off_ledger": """
        update credits.balances set balance = balance + 1, total_earned = total_earned + 1
        where user_id = 'u1'
    """,
    "broken_chains": """
        insert into credits.transactions (
            user_id, sequence, id, type, amount, balance_before, balance_after, reserved_after,
            total_spent_after, created_at, completed_at
        )
        values ('u1', 99, credits._new_id(), 'refund', 5, 0, 5, 0, 0, now(), now())
    """,
    "broken_pool_chains": """
        insert into credits.guild_transactions (
            organization_id, sequence, id, user_id, type, amount, balance_before, balance_after,
            reserved_after, total_spent_after, spending_day, created_at
        )
        values ('g1', 99, credits._new_id(), 'u1', 'usage', -1, 9, 8, 0, 1, '2026-01-01', now())
    """,
    "clawbacks_off_ledger": "update credits.purchases set clawed_back_credits = 1",
    "credits_not_conserved": """
        update credits.guild_pools set balance = balance + 1, total_funded = total_funded + 1
    """,
    "dated_credits_off_movements": "update credits.dated_credits set granted = granted + 1",
    "fundings_off": """
        insert into credits.guild_transactions (
            organization_id, sequence, id, user_id, type, amount, balance_before, balance_after,
            reserved_after, total_spent_after, created_at
        )
        values ('g1', 99, credits._new_id(), 'u1', 'funding', 5, 60, 65, 0, 40, now())
    """,
    "gifts_off_ledger": """
        update gifts.gift_codes set total_credits = 60, credits_per_portion = 20
    """,
    "gifts_off_redemptions": "update gifts.gift_codes set claimed_portions = 2",
    "member_spending_off_ledger": "update credits.guild_member_spending set spent = spent + 1",
    "member_spending_off_reservations": """
        update credits.guild_member_spending set reserved = reserved + 1
    """,
    "pools_off_ledger": """
        update credits.guild_pools set balance = balance - 1, total_spent = total_spent + 1
    """,
    "purchases_off_ledger": "update credits.purchases set credits = 1000",
    "refunds_over_usage": """
        insert into credits.transactions (
            user_id, sequence, id, type, amount, balance_before, balance_after, reserved_after,
            total_spent_after, reversal, reference_id, created_at, completed_at
        )
        select
            user_id, 99, credits._new_id(), 'refund', 41, 0, 41, 0, 0, true, id::text, now(), now()
        from credits.transactions
        where user_id = 'u1' and type = 'usage' and reference_id is null
    """,
    "reservations_off_balances": """
        update credits.balances set reserved = reserved + 1, balance = balance - 1
        where balance > 0
    """,
    "reservations_off_ledger": "update credits.reservations set committed_amount = 1",
    "usage_stats_off_ledger": "update credits.usage_folds set credits_used = credits_used + 1",
}


@pytest.fixture(autouse=True)
def history(db: Connection, owner: Owner, api: Api) -> None:
    """Something of everything."""
    give(db, "u1", 100)
    use(db, "u1", 40)
    fold_usage(owner, "u1")
    pool(db, "g1", 100)
    use_guild(db, "g1", "u1", 40)
    call(
        db,
        "credits.grant_credits",
        user_id="u1",
        amount=10,
        reason="promotion",
        reference_id="r1",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    held = call(db, "credits.reserve_credits", user_id="u1", amount=5, reason="an answer")
    call(db, "credits.commit_reservation", reservation_id=held["reservation_id"], amount=2)
    made = gift(db, "u1", 30, total_portions=3)
    redeem(db, made["code"], "u2")
    package = add_package(owner)
    begun = call(api, "credits.begin_purchase", user_id="u1", package_id=package["id"])
    call(
        api,
        "credits.complete_purchase",
        user_id="u1",
        purchase_id=begun["purchase_id"],
        amount_cents=499,
        currency="eur",
    )


def reconcile(owner: Owner) -> dict[str, Row]:
    return {row["check_name"]: row for row in rows(owner, "credits.reconcile")}


def test_nothing_is_off_when_all_is_well(owner: Owner) -> None:
    found = reconcile(owner)
    assert {row["discrepancies"] for row in found.values()} == {0}
    assert {row["sample"] for row in found.values()} == {None}


def test_every_check_is_run_described_and_timed(owner: Owner) -> None:
    found = reconcile(owner)
    views = owner.execute("select viewname from pg_views where schemaname = 'reconcile'")
    assert set(found) == {row["viewname"] for row in views}
    for row in found.values():
        assert row["description"]
        assert row["milliseconds"] >= 0


def test_one_check_may_be_run_alone(owner: Owner) -> None:
    found = rows(owner, "credits.reconcile", check_name="broken_chains")
    assert [row["check_name"] for row in found] == ["broken_chains"]


def test_every_check_has_a_breach_that_it_must_notice(owner: Owner) -> None:
    assert set(reconcile(owner)) == set(BREACHES)


@pytest.mark.off_books
@pytest.mark.parametrize("check", BREACHES)
def test_breach_is_noticed(owner: Owner, check: str) -> None:
    with owner.rights() as superuser:
        superuser.execute("set local session_replication_role = replica")
        superuser.execute(BREACHES[check])
        superuser.execute("set local session_replication_role = origin")
    found = reconcile(owner)[check]
    assert found["discrepancies"] >= 1
    assert {"account", "what", "expected", "actual", "difference"} <= found["sample"][0].keys()


@pytest.mark.off_books
def test_sample_has_at_most_five_rows(db: Connection, owner: Owner) -> None:
    for n in range(7):
        give(db, f"many {n}", 1)
    with owner.rights() as superuser:
        superuser.execute("set local session_replication_role = replica")
        superuser.execute(
            "update credits.balances set balance = balance + 1, total_earned = total_earned + 1 "
            "where user_id like 'many%'"
        )
    found = reconcile(owner)["balances_off_ledger"]
    assert (found["discrepancies"], len(found["sample"])) == (7, 5)
