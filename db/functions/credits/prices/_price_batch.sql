create or replace function credits._price_batch(p_items jsonb[], p_expected_amounts numeric[])
returns table (item integer, amount numeric, charge jsonb)
language plpgsql stable
rows 10
as $$
declare
    v_now constant timestamptz := credits._now();
    v_priced credits.priced;
begin
    for item in select i from generate_subscripts(p_items, 1) i where p_items[i] is not null loop
        v_priced := credits._price(p_items[item], v_now);
        if v_priced.malformed is null and v_priced.unknown is null and (p_expected_amounts[item] <> v_priced.amount) is not true then
            amount := v_priced.amount;
            charge := v_priced.charge;
            return next;
        end if;
    end loop;
end
$$;

comment on function credits._price_batch(jsonb[], numeric[]) is
    'The prices of those items of a batch of debits that can be charged as they are; the others, a call of their own refuses';
