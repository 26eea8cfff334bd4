create or replace function credits._settle(
    p_account_id text, p_kind credits.account_kind, p_limit integer default null
) returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_last credits.entries := credits._last_entry(p_account_id, p_kind);
    v_end record;
    v_moment timestamptz;
    v_ended integer := 0;
begin
    if v_last.lot_id is not null then
        perform credits._note_lot(p_account_id, v_last.lot_id, v_last.lot_left);
    end if;
    -- In the order of their moments, since what comes back first repays a debt.
    loop
        select e.* into v_end
        from (
            (
                select r.id as hold_id, null::uuid as lot_id, r.expires_at
                from credits.reservations r
                where r.account_id = p_account_id and r.kind = p_kind and r.status = 'held' and r.expires_at <= v_now
                order by r.expires_at, r.id
                limit 1
            )
            union all
            (
                select null, l.id, l.expires_at
                from credits.lots l
                where l.account_id = p_account_id and p_kind = 'person' and l.remaining > 0 and l.expires_at <= v_now
                order by l.expires_at, l.id
                limit 1
            )
        ) e
        order by e.expires_at, e.hold_id nulls last
        limit 1;
        exit when not found or v_ended = p_limit;
        -- A lot whose date had passed when a hold gave it back is over at that moment.
        v_moment := greatest(v_moment, v_end.expires_at);
        if v_end.hold_id is not null then
            perform credits._end_hold(p_account_id, v_end.hold_id, 'expired', v_moment);
        else
            perform credits._end_lot(p_account_id, v_end.lot_id, v_moment);
        end if;
        v_ended := v_ended + 1;
    end loop;
    return v_moment is not null;
end
$$;

comment on function credits._settle is
'Ends holds and lots of an account, locked by the caller, that are over by now. Each has an entry, in the order of their
moments, up to p_limit of them. Says whether there was any';
