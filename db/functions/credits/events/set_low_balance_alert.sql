create or replace function credits.set_low_balance_alert(
    p_threshold numeric default null,
    p_user_id text default null,
    p_organization_id text default null,
    p_caller text default null
) returns table (low_balance_at numeric, is_low boolean)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    perform credits._refuse_invalid('userId', 'must be given, or organizationId in its place')
    where (p_user_id is null) = (p_organization_id is null);
    perform credits._refuse_invalid(
        'lowBalanceAt', 'must be null, or from 0 to 999999999.999999 with at most 6 decimals'
    ) where p_threshold <> 0 and not credits._is_amount(p_threshold);
    if p_organization_id is null then
        perform credits._check_id('userId', p_user_id);
        perform credits._open_account(p_user_id, 'person');
    else
        perform credits._check_id('organizationId', p_organization_id);
    end if;
    perform credits._check_cap('set_limits', null, 0, p_caller);
    update credits.accounts a
    set low_balance_at = p_threshold
    where a.account_id = coalesce(p_user_id, p_organization_id)
        and a.kind = case when p_user_id is null then 'pool' else 'person' end::credits.account_kind;
    return query select g.low_balance_at, g.is_low from credits.get_low_balance_alert(p_user_id, p_organization_id) g;
end
$$;

comment on function credits.set_low_balance_alert(numeric, text, text, text) is
'Sets at what balance of a user, or of a guild''s pool, the event balance.low is written; null is never. What is held
counts as owned until it is used. is_low says that the balance is that low already: there is no event then until it has
risen above and falls again.
Errors: UC001 invalid_request, UC016 cap_exceeded (operation set_limits), UC005 guild_pool_not_found.
Idempotency: by nature.
Locks: the user''s account, or the pool.';
