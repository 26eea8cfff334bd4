create or replace function credits._priced(
    p_amount numeric,
    p_items jsonb,
    p_expected_amount numeric,
    p_at timestamptz,
    p_account_id text default null,
    p_kind credits.account_kind default null,
    p_idempotency_key text default null,
    p_told jsonb default null
) returns credits.priced
language plpgsql stable
as $$
declare
    v_priced credits.priced;
    v_path text[];
begin
    if p_items is null then
        v_priced.amount := trim_scale(p_amount);
    else
        v_priced := credits._price(p_items, p_at, p_told);
    end if;
    if v_priced.amount > 0
        and v_priced.amount <= 999999999.999999
        and (p_amount is null or p_items is null)
        and v_priced.unknown is null
        and (p_expected_amount is null or p_expected_amount = v_priced.amount)
        and (p_items is null or not credits._is_old(p_at))
    then
        return v_priced;
    end if;
    if p_amount is null and p_items is null then
        perform credits._refuse_invalid('amount', 'must be given, or items in its place');
    elsif p_amount is not null and p_items is not null then
        perform credits._refuse_invalid('amount', 'must be left out where items are given');
    elsif v_priced.malformed = 0 then
        perform credits._refuse_invalid('items', 'must be a list of 1 to 100 objects {operation, quantity}');
    elsif v_priced.malformed > 0 then
        v_path := array[(v_priced.malformed - 1)::text, 'operation'];
        perform credits._refuse_invalid('items', format(
            case
                when credits._is_id(case when jsonb_typeof(p_items #> v_path) = 'string' then p_items #>> v_path end)
                    then 'item %s quantity must be from 0 to 1000000000000, with at most 6 decimals'
                else 'item %s operation must be 1 to 128 characters without control characters'
            end,
            v_priced.malformed
        ));
    end if;
    -- Whatever has changed since, a retry is answered like the first call.
    if (credits._of_key(p_account_id, p_kind, p_idempotency_key)).id is not null then
        return null;
    end if;
    if p_items is not null and credits._is_old(p_at) then
        perform credits._refuse_outdated();
    end if;
    if v_priced.unknown is not null then
        raise exception using
            errcode = 'UC021',
            message = 'There is no such operation',
            detail = json_build_object('operation', v_priced.unknown)::text,
            hint = 'Take one that credits.list_prices shows';
    elsif v_priced.amount > 999999999.999999 then
        perform credits._refuse_invalid('items', 'must come to at most 999999999.999999');
    elsif p_expected_amount <> v_priced.amount then
        raise exception using
            errcode = 'UC022',
            message = 'The price is another one than was expected',
            detail = jsonb_strip_nulls(jsonb_build_object(
                'expected', trim_scale(p_expected_amount), 'amount', v_priced.amount,
                'lines', v_priced.charge -> 'lines'
            ))::text,
            hint = 'Show the new price, and ask again with it as expectedAmount';
    end if;
    return v_priced;
end
$$;

comment on function credits._priced is
'The amount that a call moves: given, or of items at the prices of a moment or of lines told then, and as the call
expects it. All null where it cannot be moved as it is and the key has an entry already. Raises UC001, UC021
unknown_operation, UC022 price_changed, 40001 where prices may be newer than the snapshot';
