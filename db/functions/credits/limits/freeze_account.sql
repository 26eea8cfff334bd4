create or replace function credits.freeze_account(p_user_id text, p_reason text, p_caller text default null)
returns table (user_id text, frozen boolean, frozen_at timestamptz, reason text)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reason constant text := left(credits._clean_reason(p_reason), 500);
    v_now constant timestamptz := credits._now();
begin
    if coalesce(v_reason, '') = '' then
        perform credits._refuse_invalid('reason', 'must be a text that says why');
    end if;
    perform credits._lock_to_freeze(p_user_id, p_caller);
    update credits.accounts a
    set frozen_at = v_now, frozen_reason = v_reason
    where a.account_id = p_user_id and a.kind = 'person' and a.frozen_at is null;
    return query
    select a.account_id::text, true, a.frozen_at, a.frozen_reason
    from credits.accounts a
    where a.account_id = p_user_id and a.kind = 'person';
end
$$;

comment on function credits.freeze_account is
'Lets nothing go out of a person''s account any more. No use, hold, gift or funding, no commit of a hold past its time,
no redemption of their gifts. Everything may come in, and open holds may be committed, captured, extended and released.
An account that is frozen already keeps its time and reason. p_reason is cut after 500 characters.
Errors: UC001 invalid_request, UC025 not_found (nobody has such an account), UC016 cap_exceeded (operation freeze).
Idempotency: by nature.
Locks: the user''s account.';
