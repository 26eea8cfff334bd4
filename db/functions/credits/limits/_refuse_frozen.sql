create or replace function credits._refuse_frozen(p_account_id text, p_kind credits.account_kind) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from credits.accounts a where a.account_id = p_account_id and a.kind = p_kind and a.frozen_at is not null) then
        raise exception using
            errcode = 'UC023',
            message = 'This account is frozen: nothing goes out',
            hint = 'Ask support; what comes in is booked all the same';
    end if;
end
$$;

comment on function credits._refuse_frozen(text, credits.account_kind) is 'Raises UC023 account_frozen of an account that is';
