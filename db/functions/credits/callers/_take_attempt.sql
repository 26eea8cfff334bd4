create or replace function credits._take_attempt(p_kind text, p_subject text, p_most integer, p_window interval) returns void
language plpgsql
as $$
declare
    v_share constant interval := p_window / p_most;
    v_now constant timestamptz := credits._now();
    v_free_at timestamptz;
begin
    -- A flood is refused by reading one row: it writes nothing and uses up no transaction id.
    perform credits._check_attempt(p_kind, p_subject, p_most, p_window);
    -- Those who try at once wait for each other here, so that none of them is missed.
    v_free_at := v_now + v_share;
    insert into credits.attempts (subject, kind, free_at) values (p_subject, p_kind, v_free_at) on conflict (subject, kind) do nothing;
    if found then
        return;
    end if;
    perform from credits.attempts a where a.subject = p_subject and a.kind = p_kind for update;
    perform credits._check_attempt(p_kind, p_subject, p_most, p_window);
    select greatest(a.free_at, v_now) + v_share into v_free_at
    from credits.attempts a
    where a.subject = p_subject and a.kind = p_kind;
    update credits.attempts set free_at = v_free_at where subject = p_subject and kind = p_kind;
    if not found then
        -- Forgotten at this moment, since all attempts were free again.
        perform credits._take_attempt(p_kind, p_subject, p_most, p_window);
    end if;
end
$$;

comment on function credits._take_attempt is
'Counts an attempt: p_most at once, and as many anew in p_window. Raises what _check_attempt does where it was not free,
and counts nothing then. Locks the subject''s row until the transaction ends, so that the count is exact';
