create or replace function credits._check_amount(p_amount numeric, p_field text default 'amount') returns void
language plpgsql
as $$
begin
    if credits._is_amount(p_amount) is not true then
        perform credits._refuse_invalid(p_field, 'must be greater than 0 and at most 999999999.999999, with at most 6 decimals');
    end if;
end
$$;

comment on function credits._check_amount is 'Raises UC001 unless one call may move p_amount';
