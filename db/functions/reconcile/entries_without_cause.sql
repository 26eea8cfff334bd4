create or replace view reconcile.entries_without_cause as
select
    e.account_id as account,
    format('cause of entry %s, of type %s', e.sequence, e.type) as what,
    e.amount as expected,
    null::numeric as actual,
    e.amount as difference
from (
    select e.*, credits._as_id(e.reference_id) as cause_id
    from credits.unverified_entries e
    where e.type not in ('grant', 'guild_funding', 'funding', 'gift')
) e
where case
    when e.type = 'purchase' then exists (
        select from credits.purchases p
        where p.user_id = e.account_id and p.id = e.cause_id and p.transaction_id = e.id and p.credits = e.amount
    )
    when e.type = 'clawback' then exists (
        select from credits.purchases p where p.user_id = e.account_id and p.id = e.cause_id and p.status = 'completed'
    )
    when e.type = 'expiry' then exists (
        select from credits.lot_movements m
        where m.account_id = e.account_id and m.cause_id = e.id and m.lot_id = e.cause_id and m.amount = e.amount
    )
    when e.type = 'usage' and e.reference_id is null then true
    when e.type in ('hold', 'release', 'usage') then exists (
        select from credits.reservations r
        where r.account_id = e.account_id and r.kind = e.kind and r.id = e.cause_id
            and r.user_id = coalesce(e.other_id, e.account_id)
            and (
                e.type <> 'usage' or r.captured >= -e.amount
                or r.transaction_id = e.id and r.committed_amount = -e.amount
            )
    )
    when e.type = 'refund' and e.reference_id is null then e.kind = 'person' and not e.reversal
    when e.type = 'refund' then exists (
        select from credits._facts_of(e.account_id, e.kind, e.cause_id) u
        where u.type = 'usage' and u.other_id is not distinct from e.other_id
    )
    when e.type = 'erasure' then e.account_id like 'erased:%'
    -- Not by name: the name is as new as the deployment that makes this view.
    else e.type::text = 'adjustment' and exists (
        select from credits.admin_actions a
        where a.account_id = e.account_id and a.id = e.cause_id and a.entry_id = e.id and a.amount = e.amount
    )
end is not true;

comment on view reconcile.entries_without_cause is
    'Entries whose cause does not know of them: the purchase, hold, lot or usage that they name';
