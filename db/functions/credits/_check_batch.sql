create or replace function credits._check_batch(p_items integer, p_lengths integer[]) returns void
language plpgsql
as $$
begin
    if (p_items <= 1000) is not true then
        perform credits._refuse_invalid('items', 'must be at most 1000');
    end if;
    if (p_items = all (p_lengths)) is not true then
        perform credits._refuse_invalid('items', 'must be arrays of one length');
    end if;
end
$$;

comment on function credits._check_batch(integer, integer[]) is 'Raises UC001 unless a batch has at most 1000 items, and as many in each array';
