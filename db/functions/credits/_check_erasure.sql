create or replace function credits._check_erasure() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from old_rows o
        where exists (select from credits.transactions t where t.user_id = o.user_id)
    ) or exists (
        select from new_rows n
        where not exists (select from credits.balances b where b.user_id = n.user_id)
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'An account is erased as a whole',
            hint = 'Use credits.erase_user';
    end if;
    return null;
end
$$;

comment on function credits._check_erasure() is
    'Trigger: refuses to give a part of an account''s ledger a pseudonym, which would break its chain (UC017)';
