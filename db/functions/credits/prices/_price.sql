create or replace function credits._price(p_items jsonb, p_at timestamptz) returns credits.priced
language plpgsql stable
as $$
declare
    -- So many digits are kept of a division that the sum of many of them is rounded up only where it is above a whole 0.000001.
    v_exactly constant numeric(61, 60) := 1;
    v_lines jsonb;
    v_sum numeric;
    v_malformed bigint;
    v_unknown text;
begin
    if jsonb_typeof(p_items) is distinct from 'array' or jsonb_array_length(p_items) not between 1 and 100 then
        return row(null, null, 0, null)::credits.priced;
    end if;
    select
        min(i.place) filter (where credits._is_id(i.operation) is not true or (i.quantity between 0 and 1000000000000 and scale(i.quantity) <= 6) is not true),
        (array_agg(i.operation order by i.place) filter (where p.active is not true))[1],
        sum(l.amount),
        jsonb_agg(
            jsonb_build_object(
                'operation', i.operation, 'quantity', i.quantity, 'unit', p.unit, 'unitPrice', p.unit_price, 'per', p.per, 'step', p.step,
                'minimum', p.minimum, 'amount', trim_scale(round(l.amount, 12))
            )
            order by i.place
        )
    into v_malformed, v_unknown, v_sum, v_lines
    from (
        select
            e.place,
            case when jsonb_typeof(e.item -> 'operation') = 'string' then e.item ->> 'operation' end as operation,
            case coalesce(jsonb_typeof(e.item -> 'quantity'), 'null')
                when 'number' then trim_scale((e.item ->> 'quantity')::numeric)
                when 'null' then 1
            end as quantity
        from jsonb_array_elements(p_items) with ordinality as e (item, place)
    ) i
    left join lateral (
        select
            c.active, c.unit, trim_scale(c.unit_price) as unit_price, trim_scale(c.per) as per, trim_scale(c.step) as step,
            trim_scale(c.minimum) as minimum
        from credits.prices c
        where c.operation = i.operation and c.valid_from <= p_at
        order by c.valid_from desc
        limit 1
    ) p on true
    cross join lateral (
        select greatest(
            p.minimum, (div(i.quantity, p.step) + case when i.quantity % p.step > 0 then 1 else 0 end) * p.step * p.unit_price * v_exactly / p.per
        ) as amount
    ) l;
    return row(
        trim_scale(ceil(round(v_sum, 50) * 1000000) * 0.000001),
        jsonb_build_object('pricedAt', to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'lines', v_lines),
        v_malformed,
        case when v_malformed is null then v_unknown end
    )::credits.priced;
end
$$;

comment on function credits._price(jsonb, timestamptz) is
    'What items [{operation, quantity}] cost at the prices of a moment: the sum of their lines, rounded up once to 6 digits, and the lines. Or which item is malformed (0 for the list), or whose operation was unknown or withdrawn then';
