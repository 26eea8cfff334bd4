create or replace function credits._price_told(p_price credits.prices) returns jsonb
language sql stable
as $$
    select case when p_price.operation is not null then jsonb_build_object(
        'operation', p_price.operation, 'appId', p_price.app_id, 'unit', p_price.unit, 'unitPrice', p_price.unit_price,
        'per', p_price.per, 'step', p_price.step, 'minimum', p_price.minimum, 'name', p_price.name,
        'description', p_price.description, 'category', p_price.category, 'sortOrder', p_price.sort_order,
        'active', p_price.active, 'validFrom', credits._utc(p_price.valid_from)
    ) end
$$;

comment on function credits._price_told is 'A price as callers see it, for the log of the support desk; null for none';
