create or replace function credits.get_balance(p_user_id text, p_at timestamptz default null)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb, frozen boolean
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_opened timestamptz;
    v_frozen boolean;
    v_entry credits.entries;
    v_updated timestamptz;
    v_sequence bigint;
    v_over record;
begin
    select a.created_at, a.frozen_at is not null into v_opened, v_frozen
    from credits.accounts a
    where a.account_id = p_user_id and a.kind = 'person';
    if not found then
        perform credits._check_id('userId', p_user_id);
        v_frozen := credits._is_buried(p_user_id, 'person', 'frozen');
    end if;
    if p_at is null then
        v_entry := credits._last_entry(p_user_id, 'person');
        v_updated := coalesce(v_entry.created_at, v_opened);
    else
        v_sequence := credits._sequence_by(p_user_id, 'person', p_at);
        select * into v_entry
        from credits.entries e
        where e.account_id = p_user_id and e.kind = 'person' and e.sequence = v_sequence;
        v_updated := v_entry.created_at;
        if v_entry.due_after <= p_at then
            -- What ended by then may have been written down later.
            select min(e.sequence) into v_sequence
            from credits.entries e
            where e.account_id = p_user_id
                and e.kind = 'person'
                and e.sequence > v_entry.sequence
                and (e.type in ('release', 'expiry') and e.ends_at <= p_at) is not true;
            select * into v_entry
            from credits.entries e
            where e.account_id = p_user_id and e.kind = 'person' and (v_sequence is null or e.sequence < v_sequence)
            order by e.sequence desc
            limit 1;
        end if;
    end if;
    -- And if nobody has written anything since, not at all.
    if v_entry.due_after is not null and (p_at is null or v_sequence is null) then
        select * into v_over from credits._over_by(v_entry, coalesce(p_at, credits._now()));
    else
        select 0::numeric as freed, 0::numeric as expired, null::jsonb as expiring into v_over;
    end if;
    return query select
        p_user_id,
        coalesce(v_entry.available - v_entry.debt, 0) + v_over.freed - v_over.expired,
        coalesce(v_entry.available - v_entry.debt + v_entry.reserved + v_entry.total_spent, 0),
        coalesce(v_entry.total_spent, 0) + v_over.expired,
        coalesce(v_entry.reserved, 0) - v_over.freed,
        case when p_at is null then coalesce(v_entry.number, 0) end,
        case when p_at is null then v_opened end,
        v_updated,
        case when p_at is null then v_over.expiring end,
        p_at is null and v_frozen is true;
end
$$;

comment on function credits.get_balance is
'The balance of a user, now or as it was at p_at; all zeros for a user never seen, and nothing is written. Holds past
their time and expired credits no longer count, whether or not anybody has written that down. expiring lists the 100
soonest dates on which credits expire as [{amount, expiresAt}], null where there are none. frozen says that nothing goes
out now, also where the account would be opened frozen since its person was erased so.
Errors: UC001 invalid_request.
Idempotency: reads only.
Locks: none.';
