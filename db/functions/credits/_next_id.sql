create or replace function credits._next_id(p_last uuid) returns uuid
language plpgsql volatile
as $$
declare
    v_id uuid := credits._new_id();
    v_last text;
    v_ordered text;
begin
    if p_last is null or v_id > p_last then
        return v_id;
    end if;
    -- The clock went back (or two rows share a tick): count on from the last id's 60 bits of time, so that order never breaks.
    v_last := replace(p_last::text, '-', '');
    v_ordered := lpad(
        to_hex((('x' || substr(v_last, 1, 12) || substr(v_last, 14, 3))::bit(60)::bigint) + 1), 15, '0'
    );
    return (
        substr(v_ordered, 1, 12) || '7' || substr(v_ordered, 13, 3) || substr(replace(v_id::text, '-', ''), 17)
    )::uuid;
end
$$;

comment on function credits._next_id(uuid) is
    'A time-ordered id that sorts after p_last, whatever the clock does: the order of an account''s ids is the order of its ledger';
