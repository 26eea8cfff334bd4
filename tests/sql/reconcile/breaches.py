"""One way to break each rule by hand, with the protection of the books out of the way."""

from tests.databases import Owner
from tests.sql.seals.forgery import unprotected

# An entry that nothing but its figures speaks for.
ENTRY = """
    insert into credits.entries (
        account_id, kind, sequence, id, created_at, due_after, number, type, reversal, amount,
        available, reserved, debt, clawed_back, total_spent, reference_id
    )
    select
        account_id, kind, sequence + 1, credits._new_id(), clock_timestamp(), due_after, number + 1,
        {values}
    from credits.entries
    where account_id = '{account}' and kind = 'person'
    order by sequence desc
    limit 1
"""

# By the check that has to notice it.
BREACHES = {
    "broken_acts": "update credits.admin_actions set reason = 'Another'",
    "broken_chains": """
        update credits.entries set available = available + 1
        where account_id = 'u1' and kind = 'person' and sequence = 2
    """,
    "broken_seals": """
        insert into credits.seals (account_id, kind, sequence, hash, created_at)
        values ('u1', 'person', 99, sha256('forged'), now())
    """,
    "charges_off_prices": """
        update credits.entries
        set charge = '{"amount": 1, "pricedAt": "2026-01-31T12:00:00Z", "lines": []}'
        where account_id = 'u1' and kind = 'person' and type = 'usage'
    """,
    "clawbacks_off_payments": """
        insert into credits.purchase_disputes (
            user_id, purchase_id, stripe_dispute_id, amount_cents, status
        )
        select user_id, id, 'dp_1', 499, 'lost' from credits.purchases
    """,
    "credits_not_conserved": ENTRY.format(
        account="u2",
        values="'gift', false, 5, available + 5, reserved, debt, clawed_back, total_spent, null",
    ),
    "ends_overlooked": """
        update credits.entries e set due_after = null
        where e.account_id = 'u5'
    """,
    "entries_without_cause": ENTRY.format(
        account="u2",
        values="'purchase', false, 5, available + 5, reserved, debt, clawed_back, total_spent, 'p'",
    ),
    "erased_with_credits": """
        update credits.accounts set account_id = 'erased:1' where account_id = 'u2';
        update credits.entries set account_id = 'erased:1' where account_id = 'u2'
    """,
    "gifts_off_entries": "update gifts.gift_codes set claimed_portions = 2, updated_at = now()",
    "lots_off_entries": "update credits.lots set remaining = remaining - 1 where remaining > 1",
    "member_spending_off_entries": """
        update credits.entries set spent_that_day = spent_that_day + 1
        where account_id = 'g1' and type = 'usage'
    """,
    "own_spending_off_entries": """
        update credits.spending_limits set spent_that_day = spent_that_day - 1
    """,
    "payments_credited_twice": """
        insert into credits.purchases
        select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid()))).*
        from credits.purchases p where p.status = 'completed'
    """,
    "protection_off": "alter table credits.settings disable trigger note_rule",
    "purchases_off_entries": "update credits.purchases set credits = 1000",
    "refunds_over_usage": ENTRY.format(
        account="u1",
        values="""
            'refund', true, 41, available + 41, reserved, debt, clawed_back, total_spent - 41,
            (select u.id::text from credits.entries u
                where u.account_id = 'u1' and u.type = 'usage' and u.kind = 'person'
                    and u.reference_id is null)
        """,
    ),
    "reservations_off_entries": "update credits.reservations set committed_amount = 1",
    "transfers_without_other_side": ENTRY.format(
        account="u2",
        values="'gift', false, 5, available + 5, reserved, debt, clawed_back, total_spent, null",
    ),
    "usage_stats_off_entries": "update credits.usage_folds set credits_used = credits_used + 1",
    "verified_and_changed": """
        insert into credits.reconciled_accounts values
            ('u1', 'person', 1, credits._new_id(), 0, 1, 0, 0)
        on conflict (account_id, kind) do update set id = excluded.id
    """,
}


def breach(owner: Owner, check: str) -> None:
    """Break the rule that a check watches."""
    with unprotected(owner) as superuser:
        if check != "protection_off":
            superuser.execute(BREACHES[check])
    if check == "protection_off":
        owner.execute(BREACHES[check])
