create or replace function credits._check_erasure() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_in_parts boolean;
    v_pool text;
begin
    if tg_op = 'INSERT' then
        delete from credits.erasures e where e.account_id = new.account_id;
        return null;
    end if;
    if tg_op = 'DELETE' then
        v_in_parts := credits._has_traces(old.pseudonym) and credits._has_traces(old.account_id);
        for v_pool in
            select m.organization_id from credits.members m where m.user_id = old.pseudonym
            union
            select m.organization_id from credits.members m where m.user_id = old.account_id
        loop
            v_in_parts := v_in_parts
                or (credits._has_traces_in(v_pool, old.pseudonym) and credits._has_traces_in(v_pool, old.account_id));
        end loop;
        if v_in_parts then
            raise exception using
                errcode = 'UC017',
                message = 'A person is erased as a whole',
                hint = 'Use credits.erase_user';
        end if;
        return old;
    end if;
    raise exception using
        errcode = 'UC017',
        message = 'An erasure stays as it was begun',
        hint = 'Use credits.erase_user';
end
$$;

comment on function credits._check_erasure() is
    'Trigger of credits.erasures: ends an erasure before its transaction does, and refuses (UC017) one that leaves a part of an account, or of what a member did in a pool, behind. '
    'What is begun elsewhere meanwhile is a new person''s, and cannot be seen: the account''s key and the pools are locked';
