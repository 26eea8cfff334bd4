create or replace function credits._id_after(p_last uuid, p_id uuid) returns uuid
language plpgsql immutable
as $$
declare
    v_last text;
    v_ordered text;
begin
    if p_last is null or p_id > p_last then
        return p_id;
    end if;
    -- The clock went back, or two rows share a tick. The count goes on from the last id's 60 bits of time, so order
    -- never breaks.
    v_last := replace(p_last::text, '-', '');
    v_ordered := lpad(
        to_hex((('x' || substr(v_last, 1, 12) || substr(v_last, 14, 3))::bit(60)::bigint) + 1), 15, '0'
    );
    return (
        substr(v_ordered, 1, 12) || '7' || substr(v_ordered, 13, 3) || substr(replace(p_id::text, '-', ''), 17)
    )::uuid;
end
$$;

comment on function credits._id_after is 'p_id, or if that does not sort after p_last an id made of both that does';
