create or replace function credits.get_balance(p_user_id text)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select b.user_id::text, b.balance, b.total_earned, b.total_spent, b.reserved, b.version, b.created_at, b.updated_at
    from credits.balances b
    where b.user_id = p_user_id;
    if not found then
        perform credits._check_id('userId', p_user_id);
        return query select p_user_id, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::bigint, null::timestamptz, null::timestamptz;
    end if;
end
$$;

comment on function credits.get_balance(text) is
'The balance of a user; all zeros for a user never seen, and nothing is written.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
