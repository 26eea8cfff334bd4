create or replace function credits.expire_due(p_limit integer default 100) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account text;
    v_accounts integer := 0;
begin
    perform credits._check_limit(p_limit, 10000);
    -- Pools before balances, each in order: the one order in which every function takes locks.
    for v_account in
        select p.organization_id
        from credits.guild_pools p
        where p.organization_id in (
            select r.account_id
            from credits.reservations r
            where r.status = 'held' and r.expires_at <= credits._now() and r.organization_id is not null
            order by r.expires_at
            limit p_limit
        )
        order by p.organization_id
        for no key update skip locked
    loop
        perform credits._settle_pool(v_account);
        v_accounts := v_accounts + 1;
    end loop;
    for v_account in
        select b.user_id
        from credits.balances b
        where b.user_id in (
            (
                select r.account_id
                from credits.reservations r
                where r.status = 'held' and r.expires_at <= credits._now() and r.organization_id is null
                order by r.expires_at
                limit p_limit
            )
            union
            (
                select d.user_id
                from credits.dated_credits d
                where d.remaining > 0 and d.expires_at <= credits._now()
                order by d.expires_at
                limit p_limit
            )
        )
        order by b.user_id
        for no key update skip locked
    loop
        perform credits._settle_balance(v_account);
        v_accounts := v_accounts + 1;
    end loop;
    return v_accounts;
end
$$;

comment on function credits.expire_due(integer) is
'Writes down what time has done already: frees holds past their time and lets expired credits go, for up to p_limit of each. Returns how many accounts it brought up to date; call again until it returns 0.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once share the work.
Locks: pools in order, then balances in order (those locked by others are left for the next call).';
