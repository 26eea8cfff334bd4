create or replace function credits.list_packages(p_all boolean default false)
returns table (
    id uuid, name text, description text, credits numeric, price_euro_cents integer, stripe_price_id text,
    active boolean, sort_order integer, metadata jsonb
)
language sql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
    select
        p.id, p.name, p.description, p.credits, p.price_euro_cents, p.stripe_price_id, p.active, p.sort_order,
        p.metadata
    from credits.packages p
    where p.active or p_all
    order by p.sort_order, p.price_euro_cents, p.id
$$;

comment on function credits.list_packages is
'The packages that can be bought, in their order; with p_all those that cannot be any more, too.
Errors: none.
Idempotency: reads only.
Locks: none.';
