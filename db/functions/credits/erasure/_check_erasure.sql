create or replace function credits._check_erasure() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        delete from credits.erasures e where e.place = new.place and e.account_id = new.account_id;
        return null;
    end if;
    if tg_op = 'UPDATE'
        or (old.place = old.account_id and credits._has_traces(old.account_id) and credits._has_traces(old.pseudonym))
        or (credits._has_traces(old.account_id, old.place) and credits._has_traces(old.pseudonym, old.place))
    then
        raise exception using
            errcode = 'UC017',
            message = 'A person is erased as a whole, as it was begun',
            hint = 'Use credits.erase_user';
    end if;
    return old;
end
$$;

comment on function credits._check_erasure is
'Trigger of credits.erasures: ends an erasure before its transaction does. It refuses (UC017) one that leaves a part
behind, of an account or of what a person did in a pool or a gift. What is begun elsewhere meanwhile is a new person''s,
and cannot be seen: the account''s key and the pools are locked.';
