create or replace function credits._check_guild_counterpart() returns trigger
-- Before PostgreSQL 18 a deferred trigger runs with the rights of whoever commits, who has none here.
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.type = 'usage' and exists (
        select from credits.reservations r
        where r.account_id = new.organization_id
            and r.id = credits._as_id(new.reference_id)
            and r.transaction_id = new.id
            and r.committed_amount = -new.amount
    ) then
        return null;
    end if;
    if new.type = 'refund' and exists (
        select from credits.guild_transactions g
        where g.organization_id = new.organization_id
            and g.id = credits._as_id(new.reference_id)
            and g.type = 'usage'
            and g.user_id = new.user_id
    ) then
        return null;
    end if;
    if new.type <> 'funding' or not exists (
        select from credits.transactions t
        where t.user_id = new.user_id
            and t.id = credits._as_id(new.reference_id)
            and t.reference_id = new.id::text
            and t.guild_id = new.organization_id
            and t.amount = -new.amount
    ) then
        raise exception using
            errcode = 'UC017',
            message = format('A ledger row of type %s needs its other side', new.type),
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;
    return null;
end
$$;

comment on function credits._check_guild_counterpart() is
    'Trigger at the end of the transaction: refuses a funding of a pool that left nobody''s balance, a refund of no usage and a commit of no reservation (UC017)';
