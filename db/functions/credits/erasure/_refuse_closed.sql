create or replace function credits._refuse_closed(p_account_id text, p_kind credits.account_kind) returns void
language plpgsql
as $$
begin
    if exists (
        select from credits.accounts a where a.account_id = p_account_id and a.kind = p_kind and a.closed_at is not null
    ) then
        -- As if an erasure held the lock for longer than anybody waits, which it does.
        raise exception using
            errcode = '55P03',
            message = 'The account is being erased',
            hint = 'Call again when that is done: whoever comes then is a new person';
    end if;
end
$$;

comment on function credits._refuse_closed is
    'Raises 55P03, as a lock that is not to be had, for the account of somebody who is being erased in the background';
