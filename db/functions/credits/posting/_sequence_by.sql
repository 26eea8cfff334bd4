create or replace function credits._sequence_by(
    p_account_id text, p_kind credits.account_kind, p_at timestamptz
) returns bigint
language plpgsql stable
as $$
declare
    v_last constant credits.entries := credits._last_entry(p_account_id, p_kind);
    v_most bigint := v_last.sequence;
begin
    -- created_at decides. An id is made within a second of it, but stays ahead in an account whose clock was far ahead.
    if v_last.created_at > p_at and v_last.id < credits._id_floor(v_last.created_at + interval '1 second') then
        v_most := credits._sequence_at(p_account_id, p_kind, credits._id_floor(p_at + interval '1 second'));
    end if;
    select e.sequence into v_most
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind and e.sequence <= v_most and e.created_at <= p_at
    order by e.sequence desc
    limit 1;
    return coalesce(v_most, 0);
end
$$;

comment on function credits._sequence_by is
    'The newest entry of an account that was written by p_at, by its sequence; 0 when there is none';
