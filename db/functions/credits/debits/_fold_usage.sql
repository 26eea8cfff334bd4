create or replace function credits._fold_usage(p_user_id text, p_before uuid) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_mark uuid;
    v_last uuid;
begin
    select last_id into v_mark from credits.usage_marks where user_id = p_user_id;
    v_mark := coalesce(v_mark, '00000000-0000-0000-0000-000000000000');
    select id into v_last
    from credits.transactions
    where user_id = p_user_id and id > v_mark and id < p_before
    order by id desc
    limit 1;
    if not found then
        return;
    end if;
    insert into credits.usage_folds as f (user_id, app_id, date, credits_used, transactions_count)
    select t.user_id, t.app_id, (t.created_at at time zone 'UTC')::date as date, -sum(t.amount), count(*)
    from credits.transactions t
    where t.user_id = p_user_id and t.id > v_mark and t.id <= v_last and t.type = 'usage'
    group by t.user_id, t.app_id, (t.created_at at time zone 'UTC')::date
    on conflict (user_id, date, app_id) do update
        set
            credits_used = f.credits_used + excluded.credits_used,
            transactions_count = f.transactions_count + excluded.transactions_count;
    insert into credits.usage_marks (user_id, last_id)
    values (p_user_id, v_last)
    on conflict (user_id) do update set last_id = excluded.last_id;
end
$$;

comment on function credits._fold_usage(text, uuid) is
    'Folds an account''s usage since the last fold, up to but not including the ledger row p_before, into usage_folds; the caller has locked the balance. '
    'Called at every 256th row, so that neither a debit nor a reader of usage_stats ever has more than that to do';
