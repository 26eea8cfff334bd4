create or replace view credits.changed_accounts as
select
    r.account_id, r.kind, coalesce(r.sequence, 0) as verified, r.sealed, e.sequence, e.id, e.owned, e.number,
    e.total_spent, s.sequence as last_sealed, coalesce(e.owned, 0) - coalesce(r.owned, 0) as got
from (
    select
        account_id::text as account_id, kind, r.sequence, r.id, r.owned, r.number, r.total_spent,
        coalesce(r.sealed, 0) as sealed
    from credits.reconciled_accounts r
    full join credits.accounts a using (account_id, kind)
) r
left join lateral (
    select l.sequence, l.id, l.available + l.reserved - l.debt as owned, l.number, l.total_spent, l.reserved
    from credits.entries l
    where l.account_id = r.account_id and l.kind = r.kind
    order by l.sequence desc
    limit 1
) e on true
cross join lateral (
    select coalesce(max(s.sequence), 0) as sequence
    from credits.seals s
    where s.account_id = r.account_id and s.kind = r.kind
) s
where (e.sequence, e.id, e.owned, e.number, e.total_spent)
        is distinct from (r.sequence, r.id, r.owned, r.number, r.total_spent)
    or r.sealed <> s.sequence
    -- Holds are compared with what is held even if nobody has moved it.
    or e.reserved > 0;

comment on view credits.changed_accounts is
'Accounts that are not as the last clean run left them, or that hold something. Up to which entry and seal it verified
them, and how they stand now. This looks at every account once: a run asks once';
