create or replace function credits._funded_at(
    p_account_id text, p_kind credits.account_kind, p_user_id text, p_app_id text, p_amount numeric, p_from timestamptz
) returns timestamptz
language plpgsql stable
as $$
declare
    v_now constant timestamptz := credits._now();
    v_from constant timestamptz := greatest(
        p_from, credits._limits_pass_at(p_account_id, p_kind, p_user_id, p_app_id, p_amount, p_from)
    );
    v_last constant credits.entries := credits._last_entry(p_account_id, p_kind);
    v_balance numeric;
    v_ends timestamptz[];
    v_amounts numeric[];
    v_at timestamptz;
    v_until timestamptz;
begin
    if p_kind = 'pool' then
        select g.balance into v_balance from credits.get_guild_balance(p_account_id) g;
    else
        select g.balance into v_balance from credits.get_balance(p_account_id) g;
        select array_agg(greatest(c.freed_at, c.ends_at)), array_agg(c.amount)
        into v_ends, v_amounts
        from credits._coming_back(v_last, 'infinity') c;
    end if;
    with holds as (
        select r.amount, r.expires_at
        from credits.reservations r
        where r.account_id = p_account_id and r.kind = p_kind and r.status = 'held' and r.expires_at > v_now
    ),
    -- What will be there at a time comes back with its hold, and leaves at its date.
    changes as (
        select h.expires_at as at, h.amount from holds h
        union all
        select l.expires_at, -case when l.id = v_last.lot_id then v_last.lot_left else l.remaining end
        from credits.lots l
        where l.account_id = p_account_id and p_kind = 'person' and l.remaining > 0 and l.expires_at > v_now
        union all
        select b.at, -b.amount from unnest(v_ends, v_amounts) as b (at, amount) where b.at > v_now
    ),
    moments as (
        select v_from as at
        union
        select h.expires_at from holds h where h.expires_at > v_from
    ),
    running as (
        select s.at, s.counts, sum(s.amount) over (order by s.at) as total
        from (
            select c.at, c.amount, false as counts from changes c
            union all
            select m.at, 0, true from moments m
        ) s
    )
    select min(r.at) into v_at from running r where r.counts and v_balance + r.total >= p_amount;
    -- If a member's own limits have ended by then, those from before decide from their end on.
    select l.until into v_until
    from credits.guild_spending_limits l
    where p_kind = 'pool' and l.organization_id = p_account_id and l.user_id = p_user_id and l.until > p_from;
    if coalesce(v_at, 'infinity') >= v_until then
        return credits._funded_at(p_account_id, p_kind, p_user_id, p_app_id, p_amount, v_until);
    end if;
    return nullif(v_at, 'infinity');
end
$$;

comment on function credits._funded_at is
'The earliest time from p_from on at which an account has p_amount, and limits leave it to p_user_id for an app, if
nothing else happens; null when there is none';
