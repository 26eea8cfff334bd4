create or replace function credits.get_balances(p_user_ids text[])
returns table (
    item bigint, user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb, frozen boolean
)
language plpgsql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select i.item, b.*
    from unnest(p_user_ids) with ordinality as i (user_id, item)
    cross join lateral credits.get_balance(i.user_id) b
    order by i.item;
end
$$;

comment on function credits.get_balances is
'The balances of many users in one call, one row for each id in their order, each as credits.get_balance gives it.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
