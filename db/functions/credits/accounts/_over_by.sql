create or replace function credits._over_by(p_last credits.entries, p_at timestamptz)
returns table (freed numeric, expired numeric, expiring jsonb)
language plpgsql stable
rows 1
as $$
declare
    v_ends timestamptz[];
    v_amounts numeric[];
begin
    select coalesce(sum(r.amount), 0) into freed
    from credits.reservations r
    where r.account_id = p_last.account_id and r.kind = 'person' and r.status = 'held' and r.expires_at <= p_at;
    if freed > 0 then
        select array_agg(c.ends_at), array_agg(c.amount) into v_ends, v_amounts from credits._coming_back(p_last, p_at) c;
    end if;
    -- Of the lot in front only the entry knows what is left.
    select coalesce(sum(s.amount), 0) into expired
    from (
        select case when l.id = p_last.lot_id then p_last.lot_left else l.remaining end as amount
        from credits.lots l
        where l.account_id = p_last.account_id and l.remaining > 0 and l.expires_at <= p_at
        union all
        select b.amount from unnest(v_ends, v_amounts) as b (ends_at, amount) where b.ends_at <= p_at
    ) s;
    expiring := nullif(to_jsonb(array(
        select jsonb_build_object('amount', trim_scale(sum(s.amount)), 'expiresAt', credits._utc(s.ends_at))
        from (
            (
                select l.expires_at as ends_at, sum(case when l.id = p_last.lot_id then p_last.lot_left else l.remaining end) as amount
                from credits.lots l
                where l.account_id = p_last.account_id and l.remaining > 0 and l.expires_at > p_at
                group by l.expires_at
                order by l.expires_at
                limit 100
            )
            union all
            select b.ends_at, b.amount from unnest(v_ends, v_amounts) as b (ends_at, amount) where b.ends_at > p_at and b.amount > 0
        ) s
        group by s.ends_at
        order by s.ends_at
        limit 100
    )), '[]');
    return next;
end
$$;

comment on function credits._over_by is
'Returns the credits of a person''s account that holds free and lots lose by p_at, though nobody has written it; p_last
is the last entry. And what expires later, soonest first, the first 100 dates. That is what _settle would make of it,
without writing';
