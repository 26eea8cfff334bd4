create or replace function credits._check_batch(p_items integer, p_shapes text[]) returns void
language plpgsql
as $$
begin
    if p_items > 1000 then
        perform credits._refuse_invalid('items', 'must be at most 1000');
    end if;
    -- An array may begin at any number and have several dimensions, and an item is found by its place.
    if ((case when p_items > 0 then format('[1:%s]', p_items) else '' end) = all (p_shapes)) is not true then
        perform credits._refuse_invalid('items', 'must be arrays of one length and one dimension, counted from 1');
    end if;
end
$$;

comment on function credits._check_batch is
'Raises UC001 unless a batch has at most 1000 items, and each of its arrays has them in the places from 1 on. p_shapes
are their array_dims, empty for an empty array';
