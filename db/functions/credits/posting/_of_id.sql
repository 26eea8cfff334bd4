create or replace function credits._of_id(
    p_account_id text, p_kind credits.account_kind, p_id uuid
) returns credits.entries
language plpgsql stable
as $$
declare
    v_sequence constant bigint := credits._sequence_at(p_account_id, p_kind, p_id);
    v_entry credits.entries;
begin
    select * into v_entry
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind and e.sequence = v_sequence and e.id = p_id;
    return v_entry;
end
$$;

comment on function credits._of_id is
    'The entry of an account with an id, found by bisection; all null when there is none';
