create or replace function credits._price_batch(
    p_amounts numeric[], p_items jsonb[], p_expected_amounts numeric[], p_count integer
)
returns table (amounts numeric[], charges jsonb[])
language plpgsql stable
rows 1
as $$
declare
    v_now constant timestamptz := credits._now();
    v_priced credits.priced;
begin
    for v_item in 1..p_count loop
        v_priced := row(p_amounts[v_item], null, null, null);
        if p_items[v_item] is not null then
            v_priced := case when p_amounts[v_item] is null then credits._price(p_items[v_item], v_now) end;
        end if;
        if v_priced.malformed is null and v_priced.unknown is null
            and (p_items[v_item] is null or not credits._is_old(v_now))
            and (p_expected_amounts[v_item] <> v_priced.amount) is not true
        then
            amounts[v_item] := v_priced.amount;
            charges[v_item] := v_priced.charge;
        else
            amounts[v_item] := null;
        end if;
    end loop;
    return next;
end
$$;

comment on function credits._price_batch is
'The amount and the charge of each item of a batch of debits. An item that cannot be charged as it is stays without an
amount, and is refused by a call of its own';
