create or replace function credits._free_attempt_at(p_kind text, p_subject text, p_most integer, p_window interval) returns timestamptz
language plpgsql
as $$
declare
    v_spare constant interval := p_window - p_window / p_most;
    v_free_at timestamptz;
begin
    select a.free_at - v_spare into v_free_at
    from credits.attempts a
    where a.subject = p_subject and a.kind = p_kind and a.free_at > credits._now() + v_spare;
    return v_free_at;
end
$$;

comment on function credits._free_attempt_at is 'The time at which the next attempt is free; null when one is free now';
