create or replace function credits._price(
    p_items jsonb, p_at timestamptz, p_told jsonb default null
) returns credits.priced
language plpgsql stable
as $$
declare
    v_count constant integer := case when jsonb_typeof(p_items) = 'array' then jsonb_array_length(p_items) end;
    v_item jsonb;
    v_operation text;
    v_quantity numeric;
    v_at timestamptz := p_at;
    v_active boolean;
    v_sum numeric := 0;
    v_lines jsonb := '[]';
    v_priced credits.priced;
begin
    if (v_count between 1 and 100) is not true then
        v_priced.malformed := 0;
        return v_priced;
    end if;
    for v_place in 0..v_count - 1 loop
        v_item := p_items -> v_place;
        v_operation := case when jsonb_typeof(v_item -> 'operation') = 'string' then v_item ->> 'operation' end;
        v_quantity := case coalesce(jsonb_typeof(v_item -> 'quantity'), 'null')
            when 'null' then 1
            when 'number' then trim_scale((v_item -> 'quantity')::numeric)
        end;
        if (v_quantity >= 0 and v_quantity <= 1000000000000 and scale(v_quantity) <= 6) is not true then
            v_priced.malformed := v_place + 1;
            return v_priced;
        end if;
        if p_told is not null then
            -- Of a price that was committed since, the moment alone tells nothing.
            select coalesce(max(p.valid_from), p_at) into v_at
            from credits.prices p
            where p.operation = v_operation
                and p.valid_from <= p_at
                and p.active
                and p_told @> jsonb_build_array(jsonb_build_object(
                    'operation', p.operation, 'unit', p.unit, 'unitPrice', p.unit_price, 'per', p.per, 'step', p.step,
                    'minimum', p.minimum
                ));
        end if;
        -- The sum and the lines so far go on in the statement, which costs less than expressions of PL/pgSQL. So many
        -- digits are kept of a division that the sum of many is rounded up only where it is above a whole 0.000001.
        select
            l.active,
            v_sum + l.amount,
            v_lines || jsonb_build_object(
                'operation', l.operation, 'quantity', v_quantity, 'unit', l.unit, 'unitPrice', l.unit_price,
                'per', l.per, 'step', l.step, 'minimum', l.minimum, 'amount', trim_scale(round(l.amount, 12))
            )
        into v_active, v_sum, v_lines
        from (
            select p.*, greatest(
                p.minimum,
                -- Both have at most 6 decimals: so many whole steps, the last begun one among them.
                div(v_quantity + p.step - 0.000001, p.step) * p.step * p.unit_price * 1::numeric(61, 60) / p.per
            ) as amount
            from credits.prices p
            where p.operation = v_operation and p.valid_from <= v_at
            order by p.valid_from desc
            limit 1
        ) l;
        if v_active is not true then
            if credits._is_id(v_operation) is not true then
                v_priced.malformed := v_place + 1;
                return v_priced;
            end if;
            v_priced.unknown := coalesce(v_priced.unknown, v_operation);
        end if;
    end loop;
    v_priced.amount := trim_scale(ceil(round(v_sum, 50) * 1000000) * 0.000001);
    v_priced.charge := jsonb_build_object(
        'amount', v_priced.amount, 'pricedAt', credits._utc(p_at), 'lines', v_lines
    );
    return v_priced;
end
$$;

comment on function credits._price is
'Prices items [{operation, quantity}] as of a moment, or as lines of then told: the sum of their lines, rounded up once
to 6 digits, and the lines. Or names the item that is malformed (0 for the list), or whose operation was unknown or
withdrawn then';
