create or replace function credits.reprice(p_from timestamptz, p_to timestamptz, p_at timestamptz)
returns table (app_id text, operation text, quantity numeric, charged numeric, repriced numeric, difference numeric)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        c.app_id, c.operation, sum(c.quantity), sum(c.charged), sum(c.repriced), sum(c.repriced) - sum(c.charged)
    from (
        select
            e.app_id, l.line ->> 'operation' as operation, (l.line ->> 'quantity')::numeric as quantity,
            (l.line ->> 'amount')::numeric as charged,
            case when p.unknown is null then (p.charge -> 'lines' -> 0 ->> 'amount')::numeric end as repriced
        from credits.entries e
        cross join lateral jsonb_array_elements(e.charge -> 'lines') as l (line)
        cross join lateral credits._price(jsonb_build_array(l.line), p_at) p
        where e.charge is not null and e.type = 'usage' and e.created_at >= p_from and e.created_at < p_to
    ) c
    group by c.app_id, c.operation
    order by c.app_id, c.operation;
end
$$;

comment on function credits.reprice is
'Compares the charges of usages by items, by app and operation, with the prices of another moment. The period has p_from
and not p_to; repriced is null for an operation without a price then. Before rounding up to 6 digits. Reads the whole
ledger.
Errors: none.
Idempotency: reads only.
Locks: none.';
