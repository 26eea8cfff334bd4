create or replace function credits.get_guild_balance(p_organization_id text)
returns table (
    organization_id text, balance numeric, total_funded numeric, total_spent numeric, reserved numeric,
    created_at timestamptz, updated_at timestamptz
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_last constant credits.entries := credits._last_entry(p_organization_id, 'pool');
    v_overdue numeric := 0;
begin
    select a.account_id, a.created_at, coalesce(v_last.created_at, a.created_at)
    into organization_id, created_at, updated_at
    from credits.accounts a
    where a.account_id = p_organization_id and a.kind = 'pool';
    if not found then
        perform credits._refuse_unknown_pool(p_organization_id);
    end if;
    if v_last.due_after <= credits._now() then
        select coalesce(sum(r.amount), 0) into v_overdue
        from credits.reservations r
        where r.account_id = p_organization_id
            and r.kind = 'pool'
            and r.status = 'held'
            and r.expires_at <= credits._now();
    end if;
    balance := coalesce(v_last.available - v_last.debt, 0) + v_overdue;
    reserved := coalesce(v_last.reserved, 0) - v_overdue;
    total_spent := coalesce(v_last.total_spent, 0);
    total_funded := balance + reserved + total_spent;
    return next;
end
$$;

comment on function credits.get_guild_balance is
'The pool of a guild. Holds past their time no longer count, whether or not anybody has written that down.
Errors: UC005 guild_pool_not_found.
Idempotency: reads only.
Locks: none.';
