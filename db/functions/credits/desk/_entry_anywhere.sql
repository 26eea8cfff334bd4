create or replace function credits._entry_anywhere(p_id uuid) returns credits.entries
language plpgsql stable
as $$
declare
    v_entry credits.entries;
begin
    select * into v_entry from credits.entries e where e.id = p_id;
    return v_entry;
end
$$;

comment on function credits._entry_anywhere is
    'The entry with an id, whose ever it is; all null when there is none. By an index that knows which ids each stretch of the table holds';
