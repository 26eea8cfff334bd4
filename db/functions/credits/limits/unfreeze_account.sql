create or replace function credits.unfreeze_account(p_user_id text, p_caller text default null)
returns table (user_id text, frozen boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    perform credits._check_id('userId', p_user_id);
    -- An account that was frozen when its person was erased is opened frozen: opened here, it is lifted for good.
    perform credits._lock_account(p_user_id, 'person', p_create => credits._is_buried(p_user_id, 'person', 'frozen'));
    perform credits._check_cap('freeze', null, 0, p_caller);
    update credits.accounts a
    set frozen_at = null, frozen_reason = null
    where a.account_id = p_user_id and a.kind = 'person' and a.frozen_at is not null;
    return query select p_user_id, false;
end
$$;

comment on function credits.unfreeze_account is
'Lets credits go out of a person''s account again; of one that is not frozen, or never seen, it changes nothing. One
whose person was erased while it was frozen is opened, so that it stays lifted.
Errors: UC001 invalid_request, UC016 cap_exceeded (operation freeze).
Idempotency: by nature.
Locks: the user''s account.';
