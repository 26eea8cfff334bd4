create or replace function credits._sequence_at(
    p_account_id text, p_kind credits.account_kind, p_id uuid
) returns bigint
language plpgsql stable
as $$
declare
    v_low bigint := 0;
    v_high bigint;
    v_middle bigint;
    v_id uuid;
begin
    select e.sequence + 1 into v_high
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind
    order by e.sequence desc
    limit 1;
    while v_high - v_low > 1 loop
        v_middle := (v_low + v_high) / 2;
        select e.id into v_id
        from credits.entries e
        where e.account_id = p_account_id and e.kind = p_kind and e.sequence = v_middle;
        if v_id <= p_id then
            v_low := v_middle;
        else
            v_high := v_middle;
        end if;
    end loop;
    return v_low;
end
$$;

comment on function credits._sequence_at is
'The newest entry of an account whose id is p_id or sorts before it, by its sequence; 0 when there is none. By
bisection, since ids grow with the sequence: a place in the history costs a few look-ups and no index of its own';
