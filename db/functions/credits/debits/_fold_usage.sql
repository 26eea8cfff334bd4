create or replace function credits._fold_usage(p_user_id text, p_sequence bigint) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_mark constant bigint := coalesce((select m.sequence from credits.usage_marks m where m.user_id = p_user_id), 0);
begin
    insert into credits.usage_folds as f (user_id, app_id, date, credits_used, transactions_count)
    select p_user_id, e.app_id, (e.created_at at time zone 'UTC')::date as date, -sum(e.amount), count(*)
    from credits.entries e
    where e.account_id = p_user_id and e.kind = 'person' and e.sequence > v_mark and e.sequence <= p_sequence
        and e.type = 'usage'
    group by e.app_id, (e.created_at at time zone 'UTC')::date
    on conflict (user_id, date, app_id) do update
        set
            credits_used = f.credits_used + excluded.credits_used,
            transactions_count = f.transactions_count + excluded.transactions_count;
    insert into credits.usage_marks (user_id, sequence)
    values (p_user_id, p_sequence)
    on conflict (user_id) do update set sequence = excluded.sequence;
end
$$;

comment on function credits._fold_usage is
'Folds an account''s usage since the last fold, up to and including the entry p_sequence, into usage_folds; the caller
has locked the account. Called at every 256th entry, so that neither a debit nor a reader of usage_stats ever has more
than that to do';
