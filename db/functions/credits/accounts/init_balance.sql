create or replace function credits.init_balance(p_user_id text, p_caller text default null)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb, frozen boolean
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._open_account(p_user_id, 'person');
    perform credits._check_cap('init', null, 0, p_caller);
    return query select * from credits.get_balance(p_user_id);
end
$$;

comment on function credits.init_balance is
'Opens a user''s account with nothing in it, or returns the one that is there.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature; safe to call twice at once.
Locks: the new account.';
