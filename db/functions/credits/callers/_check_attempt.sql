create or replace function credits._check_attempt(p_kind text, p_subject text, p_most integer, p_window interval)
returns void
language plpgsql
as $$
declare
    v_spare constant interval := p_window - p_window / p_most;
    v_free_at timestamptz;
begin
    select a.free_at - v_spare into v_free_at
    from credits.attempts a
    where a.subject = p_subject and a.kind = p_kind
        and not credits._has_come(a.free_at, credits._now() + v_spare, interval '1 hour');
    if found then
        perform credits._refuse_too_many_attempts(v_free_at, p_at_gifts => p_kind like 'gift%');
    end if;
end
$$;

comment on function credits._check_attempt is
    'Raises UC018, for kinds of gifts UG008, until the next attempt is free; counts nothing';
