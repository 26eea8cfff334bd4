create or replace function credits._refuse_frozen(
    p_account_id text, p_kind credits.account_kind, p_message text default 'This account is frozen: nothing goes out'
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if credits._is_frozen(p_account_id, p_kind) then
        raise exception using
            errcode = 'UC023',
            message = p_message,
            hint = 'Ask support; what comes in is booked all the same';
    end if;
end
$$;

comment on function credits._refuse_frozen is 'Raises UC023 account_frozen if an account is';
