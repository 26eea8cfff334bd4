create or replace function credits._of_id(p_account_id text, p_kind credits.account_kind, p_id uuid) returns credits.entries
language plpgsql stable
as $$
declare
    v_entry credits.entries;
begin
    select * into v_entry
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind and e.sequence = credits._sequence_at(p_account_id, p_kind, p_id) and e.id = p_id;
    -- Only where a clock went back by more than an hour do ids not grow with the sequence.
    if not found then
        select * into v_entry from credits.entries e where e.account_id = p_account_id and e.kind = p_kind and e.id = p_id;
    end if;
    return v_entry;
end
$$;

comment on function credits._of_id(text, credits.account_kind, uuid) is
    'The entry of an account with an id, found by bisection; all null when there is none';
