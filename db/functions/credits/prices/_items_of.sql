create or replace function credits._items_of(p_lines jsonb) returns jsonb
language plpgsql immutable
as $$
begin
    return (
        select jsonb_agg(
            jsonb_build_array(l.line -> 'operation', coalesce(nullif(l.line -> 'quantity', 'null'), '1'))
            order by l.place
        )
        from jsonb_array_elements(
            case when jsonb_typeof(p_lines) = 'array' then p_lines end
        ) with ordinality as l (line, place)
    );
end
$$;

comment on function credits._items_of is
'The operations and quantities of items, or of the lines of a charge, by which a retry is known whatever the prices
are by then. Null where there are none';
