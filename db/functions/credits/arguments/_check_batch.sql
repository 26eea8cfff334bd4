create or replace function credits._check_batch(p_kind credits.account_kind, p_items integer, p_shapes text[])
returns void
language plpgsql
as $$
declare
    -- An array may begin at any number and have several dimensions, and an item is found by its place.
    v_shape constant text := case when p_items > 0 then format('[1:%s]', p_items) else '' end;
    v_name text;
begin
    if p_items > 1000 then
        perform credits._refuse_invalid('items', 'must be at most 1000 in one call');
    end if;
    if (p_items is not null and v_shape = all (p_shapes)) is not true then
        select s.name into v_name
        from unnest(p_shapes, array[
            case p_kind when 'pool' then 'p_organization_ids' else 'p_user_ids' end, 'p_user_ids', 'p_amounts',
            'p_app_ids', 'p_descriptions', 'p_idempotency_keys', 'p_metadata', 'p_items', 'p_expected_amounts',
            'p_request_ids'
        ]) with ordinality as s (shape, name, place)
        where s.shape is distinct from v_shape
        order by s.place
        limit 1;
        perform credits._refuse_invalid(
            v_name,
            case
                when p_items is null then 'must be given'
                else format('must have %s values, in one dimension and counted from 1', p_items)
            end
        );
    end if;
end
$$;

comment on function credits._check_batch is
'Raises UC001 unless a batch has at most 1000 items, and each of its arrays has them in the places from 1 on. p_shapes
are their shapes (credits._shape) in the order of credits._use_batch; the first is the accounts''';
