create or replace function credits._refuse_absent(
    p_account_id text,
    p_kind credits.account_kind,
    p_needed numeric,
    p_is_use boolean default false,
    p_app_id text default null,
    p_caller text default null
) returns void
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
    if p_is_use then
        perform credits._check_cap('use', p_app_id, p_needed, p_caller);
    end if;
    perform credits._refuse_frozen(p_account_id, p_kind);
    perform credits._refuse_insufficient(p_needed, 0);
end
$$;

comment on function credits._refuse_absent is
'Refuses a debit of an account that is not there. UC001 for a malformed id, UC005 for a pool, 55P03 for a person who is
being erased. UC016 beyond the cap of a plain debit (p_is_use), UC023 for an account that would be opened frozen,
UC002 for a person, who has nothing';
