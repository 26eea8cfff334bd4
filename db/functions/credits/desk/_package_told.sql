create or replace function credits._package_told(p_package credits.packages) returns jsonb
language sql immutable
as $$
    select case when p_package.id is not null then jsonb_build_object(
        'id', p_package.id, 'name', p_package.name, 'description', p_package.description,
        'credits', trim_scale(p_package.credits), 'priceEuroCents', p_package.price_euro_cents,
        'stripePriceId', p_package.stripe_price_id, 'active', p_package.active, 'sortOrder', p_package.sort_order,
        'metadata', p_package.metadata
    ) end
$$;

comment on function credits._package_told is
    'A package as callers see it, for the log of the support desk; null for none';
