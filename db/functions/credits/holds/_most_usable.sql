create or replace function credits._most_usable(p_held credits.reservations, p_amount numeric, p_freed numeric)
returns numeric
language plpgsql
as $$
declare
    v_amount numeric := p_amount;
    v_detail text;
begin
    while v_amount > p_freed loop
        -- The real usage, taken back at once: so what limits it is never written a second time.
        begin
            perform credits._use_held(p_held, v_amount, p_freed);
            raise exception using errcode = 'UX001', message = 'taken back';
        exception
            when sqlstate 'UX001' then
                return v_amount;
            when sqlstate 'UC002' then
                get stacked diagnostics v_detail = pg_exception_detail;
                v_amount := p_freed + greatest((v_detail::jsonb ->> 'available')::numeric, 0);
            when sqlstate 'UC003' then
                get stacked diagnostics v_detail = pg_exception_detail;
                v_amount := p_freed + greatest(
                    (v_detail::jsonb ->> 'limit')::numeric - (v_detail::jsonb ->> 'spent')::numeric, 0
                );
            when sqlstate 'UC023' then
                -- What was held may be used, nothing beside it.
                if p_held.status = 'expired' then
                    raise;
                end if;
                v_amount := p_freed;
        end;
    end loop;
    return v_amount;
end
$$;

comment on function credits._most_usable is
    'The part of p_amount that can be used now: p_freed, which is a hold''s, and what is available and within limits';
