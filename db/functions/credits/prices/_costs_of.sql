create or replace function credits._costs_of(p_lines jsonb, p_at timestamptz)
returns table (costs numeric, "off" bigint)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        ceil(round(sum(l.costs), 50) * 1000000) * 0.000001,
        -- The price that a line says is none of its operation's at that moment.
        count(*) filter (where not exists (
            select from credits.prices o
            where o.operation = l.operation
                and o.valid_from <= p_at
                and o.active
                and (o.unit_price, o.per, o.step, o.minimum) = (l.unit_price, l.per, l.step, l.minimum)
                and not exists (
                    select from credits.prices n
                    where n.operation = o.operation
                        and n.valid_from > o.valid_from
                        and n.valid_from <= p_at
                        -- Until its transaction is over nobody sees a price.
                        and n.created_at < p_at - interval '1 minute'
                )
        ))
    from (
        select
            j.operation, j."unitPrice" as unit_price, j.per, j.step, j.minimum,
            greatest(
                j.minimum,
                (div(j.quantity, j.step) + case when j.quantity % j.step > 0 then 1 else 0 end)
                    * j.step * j."unitPrice" * 1::numeric(61, 60) / j.per
            ) as costs
        from jsonb_to_recordset(p_lines) as j (
            operation text, quantity numeric, "unitPrice" numeric, per numeric, step numeric, minimum numeric
        )
    ) l;
end
$$;

comment on function credits._costs_of is
'Computes, apart from _price, the sum of the lines of a charge by the prices that they name. Counts those with another
price than their operation had at that moment';
