create or replace function credits.get_guild_balance(p_organization_id text)
returns table (
    organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric,
    created_at timestamptz, updated_at timestamptz
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        p.organization_id::text, p.balance + o.overdue, p.total_funded, p.total_spent, p.reserved - o.overdue,
        p.created_at, p.updated_at
    from credits.guild_pools p
    cross join lateral (
        select coalesce(sum(r.amount), 0) as overdue
        from credits.reservations r
        where p.reserved > 0
            and r.account_id = p.organization_id
            and r.kind = 'pool'
            and r.status = 'held'
            and r.expires_at <= credits._now()
    ) o
    where p.organization_id = p_organization_id;
    if not found then
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
end
$$;

comment on function credits.get_guild_balance(text) is
'The pool of a guild. Holds past their time no longer count, whether or not anybody has written that down.
Errors: UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';
