create or replace function credits.unfreeze_account(p_user_id text, p_caller text default null)
returns table (user_id text, frozen boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    perform credits._lock_to_freeze(p_user_id, p_caller);
    update credits.accounts a
    set frozen_at = null, frozen_reason = null
    where a.account_id = p_user_id and a.kind = 'person' and a.frozen_at is not null;
    return query select p_user_id, false;
end
$$;

comment on function credits.unfreeze_account is
'Lets credits go out of a person''s account again; of one that is not frozen it changes nothing. One
whose person was erased while it was frozen is opened, so that it stays lifted.
Errors: UC001 invalid_request, UC025 not_found (nobody has such an account), UC016 cap_exceeded (operation freeze).
Idempotency: by nature.
Locks: the user''s account.';
