create or replace function credits._facts_of(p_account_id text, p_kind credits.account_kind, p_id uuid)
returns table (
    id uuid, created_at timestamptz, type credits.entry_type, amount numeric, other_id text, reference_id text,
    ends_at timestamptz
)
language plpgsql stable
rows 1
as $$
declare
    v_sequence constant bigint := credits._sequence_at(p_account_id, p_kind, p_id);
begin
    return query
        select e.id, e.created_at, e.type, e.amount, e.other_id, e.reference_id, e.ends_at
        from credits.entries e
        where e.account_id = p_account_id and e.kind = p_kind and e.sequence = v_sequence and e.id = p_id;
end
$$;

comment on function credits._facts_of is
'The columns that the checks of the books compare of an account''s entry with an id. Where accounts are spread, no view
may hang on a function that returns rows of a table';
