create or replace function credits._fold_transactions() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_folded bigint;
begin
    update credits.balances b
    set
        balance = b.balance + r.amount,
        total_earned = b.total_earned + case when r.amount > 0 and not r.reversal then r.amount else 0 end,
        total_spent = r.total_spent_after,
        clawed_back = b.clawed_back - case when r.type = 'clawback' then r.amount else 0 end,
        version = b.version + 1,
        last_transaction_id = r.id,
        updated_at = r.created_at
    from new_rows r
    where b.user_id = r.user_id
        and b.balance + b.reserved = r.balance_before
        and b.reserved = r.reserved_after
        and b.total_spent + case when r.amount < 0 or r.reversal then -r.amount else 0 end = r.total_spent_after
        and (b.last_transaction_id is null or b.last_transaction_id < r.id)
        -- What a constraint could say too; here it is read once for a session and not for every statement.
        and (r.type in ('gift', 'clawback') or (r.amount > 0) = (r.type in ('purchase', 'refund', 'grant')))
        and (not r.reversal or r.type in ('refund', 'gift', 'clawback'))
        and substr(r.id::text, 15, 1) = '7'
        and r.id < credits._id_floor(r.created_at + interval '1 minute')
        and jsonb_typeof(r.metadata) = 'object'
        and (r.metadata = '{}' or octet_length(r.metadata::text) <= 16384)
        and r.idempotency_key is distinct from '';
    get diagnostics v_folded = row_count;
    if v_folded <> (select count(*) from new_rows) then
        raise exception using
            errcode = 'UC017',
            message = 'A ledger row must be well-formed and continue the chain of its account',
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;

    insert into credits.usage_stats as s (user_id, app_id, date, credits_used, transactions_count)
    select r.user_id, r.app_id, (r.created_at at time zone 'UTC')::date, -r.amount, 1
    from new_rows r
    where r.type = 'usage'
    on conflict (user_id, date, app_id) do update
        set credits_used = s.credits_used + excluded.credits_used, transactions_count = s.transactions_count + 1;
    return null;
end
$$;

comment on function credits._fold_transactions() is
    'Trigger: folds a new ledger row into its balance and usage statistics, and refuses a row that is malformed or does not continue its account''s chain (UC017)';
