create or replace function credits._is_amount(p_amount numeric) returns boolean
language sql immutable parallel safe
as $$
    select p_amount > 0 and p_amount <= 999999999.999999 and p_amount = round(p_amount, 6)
$$;

comment on function credits._is_amount is
'True if one call may move p_amount: above 0, at most 999999999.999999, at most 6 decimals. NaN and infinity are not;
null gives null';
