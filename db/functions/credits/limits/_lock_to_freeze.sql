create or replace function credits._lock_to_freeze(p_user_id text, p_caller text) returns void
language plpgsql
as $$
begin
    perform credits._check_id('userId', p_user_id);
    -- An account that was frozen when its person was erased is opened frozen: lifted here, it is lifted for good.
    perform credits._lock_account(p_user_id, 'person', p_create => credits._is_buried(p_user_id, 'person', 'frozen'));
    -- Whoever mistypes an id believes otherwise that the account is frozen, or free.
    if not exists (select from credits.accounts a where a.account_id = p_user_id and a.kind = 'person') then
        perform credits._refuse_unknown('userId', p_user_id, p_message => 'Nobody has this account');
    end if;
    perform credits._check_cap('freeze', null, 0, p_caller);
end
$$;

comment on function credits._lock_to_freeze is
    'Locks the account of a person that is to be frozen, or freed. Raises UC001, UC025, UC016';
