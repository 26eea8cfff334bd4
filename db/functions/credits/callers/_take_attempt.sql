create or replace function credits._take_attempt(p_kind text, p_subject text, p_most integer, p_window interval) returns timestamptz
language plpgsql
as $$
declare
    v_share constant interval := p_window / p_most;
    v_now constant timestamptz := credits._now();
    v_free_at timestamptz;
begin
    -- A flood is refused by reading one row: it writes nothing and uses up no transaction id.
    v_free_at := credits._free_attempt_at(p_kind, p_subject, p_most, p_window);
    if v_free_at is not null then
        return v_free_at;
    end if;
    -- Those who try at once wait for each other here, so that none of them is missed.
    v_free_at := v_now + v_share;
    insert into credits.attempts (subject, kind, free_at) values (p_subject, p_kind, v_free_at) on conflict (subject, kind) do nothing;
    if found then
        return null;
    end if;
    perform from credits.attempts a where a.subject = p_subject and a.kind = p_kind for update;
    select greatest(a.free_at, v_now) + v_share into v_free_at
    from credits.attempts a
    where a.subject = p_subject and a.kind = p_kind;
    if v_free_at > v_now + p_window then
        return credits._free_attempt_at(p_kind, p_subject, p_most, p_window);
    end if;
    update credits.attempts set free_at = v_free_at where subject = p_subject and kind = p_kind;
    if not found then
        -- Forgotten at this moment, since all attempts were free again.
        return credits._take_attempt(p_kind, p_subject, p_most, p_window);
    end if;
    return null;
end
$$;

comment on function credits._take_attempt is
    'Counts an attempt: p_most at once, and as many anew in p_window. Null when it was free, else when the next one will be, and nothing is counted. '
    'Locks the subject''s row until the transaction ends, so that the count is exact';
