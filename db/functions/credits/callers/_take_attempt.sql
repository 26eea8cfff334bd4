create or replace function credits._take_attempt(p_kind text, p_subject text, p_most integer, p_window interval)
returns void
language plpgsql
as $$
declare
    v_share constant interval := p_window / p_most;
    v_now constant timestamptz := credits._now();
    v_next constant timestamptz := v_now + v_share;
    v_latest constant timestamptz := v_now + p_window - v_share;
    -- What lies further ahead was noted while the clock was.
    v_ahead constant timestamptz := v_latest + interval '1 hour';
begin
    -- A flood is refused by reading one row: it writes nothing and uses up no transaction id.
    perform credits._check_attempt(p_kind, p_subject, p_most, p_window);
    -- Those who try at once wait for each other here. The sum is one of UTC, which no setting of a session changes.
    insert into credits.attempts as a (subject, kind, free_at) values (p_subject, p_kind, v_next)
    on conflict (subject, kind) do update
        set free_at = case
            when a.free_at between v_now and v_latest then timezone('UTC', timezone('UTC', a.free_at) + v_share)
            else v_next
        end
        where a.free_at <= v_latest or a.free_at > v_ahead;
    if not found then
        perform credits._take_attempt(p_kind, p_subject, p_most, p_window);
    end if;
end
$$;

comment on function credits._take_attempt is
'Counts an attempt: p_most at once, and as many anew in p_window. Raises what _check_attempt does where it was not free,
and counts nothing then. Locks the subject''s row until the transaction ends, so that the count is exact';
