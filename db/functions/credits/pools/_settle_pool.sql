create or replace function credits._settle_pool(p_organization_id text) returns credits.guild_pools
language plpgsql
as $$
declare
    v_hold credits.reservations;
    v_pool credits.guild_pools;
    v_now constant timestamptz := credits._now();
begin
    for v_hold in
        update credits.reservations
        set status = 'expired', ended_at = v_now
        where account_id = p_organization_id
            and organization_id is not null
            and status = 'held'
            and expires_at <= v_now
        returning *
    loop
        perform credits._emit_expiry(v_hold);
    end loop;
    select * into v_pool from credits.guild_pools where organization_id = p_organization_id;
    return v_pool;
end
$$;

comment on function credits._settle_pool(text) is
    'Brings a pool, which the caller has locked, up to this moment: frees holds past their time. Returns it';
