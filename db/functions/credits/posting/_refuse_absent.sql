create or replace function credits._refuse_absent(p_account_id text, p_kind credits.account_kind, p_needed numeric) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_kind = 'pool' then
        perform credits._check_id('organizationId', p_account_id);
        perform credits._refuse_unknown_pool(p_account_id);
    end if;
    perform credits._check_id('userId', p_account_id);
    perform credits._refuse_closed(p_account_id, p_kind);
    perform credits._refuse_insufficient(p_needed, 0);
end
$$;

comment on function credits._refuse_absent(text, credits.account_kind, numeric) is
    'Refuses a debit of an account that is not there: UC001 for an id that cannot be, UC005 for a pool, 55P03 for a person who is being erased, UC002 for a person, who has nothing';
