create or replace function credits.list_prices(p_at timestamptz default null)
returns table (
    operation text, app_id text, unit text, unit_price numeric, per numeric, step numeric, minimum numeric, name text,
    description text, category text, valid_from timestamptz, cost numeric
)
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_at constant timestamptz := coalesce(p_at, credits._now());
begin
    return query
    select
        p.operation, p.app_id, p.unit, p.unit_price, p.per, p.step, p.minimum, p.name, p.description, p.category,
        p.valid_from, (credits._price(jsonb_build_array(jsonb_build_object('operation', p.operation)), v_at)).amount
    from (
        select distinct on (c.operation) *
        from credits.prices c
        where c.valid_from <= v_at
        order by c.operation, c.valid_from desc
    ) p
    where p.active
    order by p.sort_order, p.operation;
end
$$;

comment on function credits.list_prices is
'Lists the price of each operation, now or at p_at, by sort_order. Its columns go into max(minimum, ceil(quantity /
step) * step / per * unit_price); cost is that of one unit. Withdrawn operations are left out.
Errors: none.
Idempotency: reads only.
Locks: none.';
