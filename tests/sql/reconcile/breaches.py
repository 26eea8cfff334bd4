"""One way to break each rule by hand, with the protection of the books out of the way."""

from databases import Owner

# By the check that has to notice it.
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
    "broken_pool_seals": """
        insert into credits.guild_seals (organization_id, id, sequence, hash, created_at)
        values ('g1', credits._new_id(), 99, sha256('forged'), now())
    """,
    "broken_seals": """
        insert into credits.seals (user_id, id, sequence, hash, created_at)
        values ('u1', credits._new_id(), 99, sha256('forged'), now())
    """,
    "broken_pool_chains": """
        insert into credits.guild_transactions (
            organization_id, sequence, id, user_id, type, amount, balance_before, balance_after,
            reserved_after, total_spent_after, spending_day, created_at
        )
        values ('g1', 99, credits._new_id(), 'u1', 'usage', -1, 9, 8, 0, 1, '2026-01-01', now())
    """,
    "clawbacks_off_ledger": "update credits.purchases set clawed_back_credits = 1",
    "clawbacks_off_payments": """
        insert into credits.purchase_disputes (
            user_id, purchase_id, stripe_dispute_id, amount_cents, status
        )
        select user_id, id, 'dp_1', 499, 'lost' from credits.purchases
    """,
    "credits_not_conserved": """
        update credits.guild_pools set balance = balance + 1, total_funded = total_funded + 1
    """,
    "dated_credits_off_movements": "update credits.dated_credits set granted = granted + 1",
    "erased_with_credits": """
        update credits.balances set user_id = 'erased:1' where user_id = 'u2'
    """,
    "figures_out_of_bounds": """
        alter table credits.guild_pools drop constraint guild_pools_add_up;
        update credits.guild_pools set balance = -1, total_spent = 101
    """,
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
    "next_expiries_off": "update credits.balances set next_expiry = null",
    "pools_off_ledger": """
        update credits.guild_pools set balance = balance - 1, total_spent = total_spent + 1
    """,
    "protection_off": "alter table credits.transactions disable trigger protect_ledger",
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
    "reservation_counts_off": "update credits.balances set reservations_count = 0",
    "reservations_off_balances": """
        update credits.balances set reserved = reserved + 1, balance = balance - 1
        where balance > 0
    """,
    "reservations_off_ledger": "update credits.reservations set committed_amount = 1",
    "usage_stats_off_ledger": "update credits.usage_folds set credits_used = credits_used + 1",
}


def breach(owner: Owner, check: str) -> None:
    """Break the rule that a check watches."""
    with owner.rights() as superuser:
        # What is due at the end of the transaction is done while the books are whole.
        superuser.execute("set constraints all immediate")
        superuser.execute("set local session_replication_role = replica")
        superuser.execute(BREACHES[check])
        superuser.execute("set local session_replication_role = origin")
