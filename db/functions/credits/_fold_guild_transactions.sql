create or replace function credits._fold_guild_transactions() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_folded bigint;
begin
    update credits.guild_pools p
    set
        balance = p.balance + r.amount,
        total_funded = p.total_funded + case when r.amount > 0 and not r.reversal then r.amount else 0 end,
        total_spent = r.total_spent_after,
        version = p.version + 1,
        last_transaction_id = r.id,
        updated_at = r.created_at
    from new_rows r
    where p.organization_id = r.organization_id
        and p.balance + p.reserved = r.balance_before
        and p.reserved = r.reserved_after
        and p.total_spent + case when r.amount < 0 or r.reversal then -r.amount else 0 end = r.total_spent_after
        and (p.last_transaction_id is null or p.last_transaction_id < r.id)
        -- What a constraint could say too; here it is read once for a session and not for every statement.
        and (r.amount < 0) = (r.type = 'usage')
        and r.reversal = (r.type = 'refund')
        and substr(r.id::text, 15, 1) = '7'
        and r.id < credits._id_floor(r.created_at + interval '1 minute')
        and jsonb_typeof(r.metadata) = 'object'
        and (r.metadata = '{}' or octet_length(r.metadata::text) <= 16384)
        and r.idempotency_key is distinct from '';
    get diagnostics v_folded = row_count;
    if v_folded <> (select count(*) from new_rows) then
        raise exception using
            errcode = 'UC017',
            message = 'A ledger row must be well-formed and continue the chain of its pool',
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;

    insert into credits.guild_member_spending as s (organization_id, user_id, day, spent)
    select r.organization_id, r.user_id, r.spending_day, -r.amount
    from new_rows r
    where r.type = 'usage'
    on conflict (organization_id, user_id, day) do update set spent = s.spent + excluded.spent;
    update credits.guild_member_spending s
    set spent = s.spent - r.amount
    from new_rows r
    where r.type = 'refund' and s.organization_id = r.organization_id and s.user_id = r.user_id and s.day = r.spending_day;
    perform credits._check_limits(r.organization_id, r.user_id, r.spending_day, -r.amount)
    from new_rows r
    -- What was reserved was counted, and allowed, then.
    where r.type = 'usage' and r.reference_id is null;
    return null;
end
$$;

comment on function credits._fold_guild_transactions() is
    'Trigger: folds a new ledger row into its pool and its member''s spending, and refuses a row that is malformed or does not continue the pool''s chain (UC017), or goes beyond a limit (UC003)';
