create or replace function credits._check_guild_counterpart() returns trigger
-- Before PostgreSQL 18 a deferred trigger runs with the rights of whoever commits, who has none here.
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from credits.transactions t
        where t.user_id = new.user_id
            and t.id = credits._as_id(new.reference_id)
            and t.reference_id = new.id::text
            and t.guild_id = new.organization_id
            and t.amount = -new.amount
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'A funding needs its other side',
            hint = 'Fund pools with credits.fund_guild_pool';
    end if;
    return null;
end
$$;

comment on function credits._check_guild_counterpart() is
    'Trigger at the end of the transaction: refuses a funding of a pool that left nobody''s balance (UC017)';
