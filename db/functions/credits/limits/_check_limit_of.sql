create or replace function credits._check_limit_of(p_field text, p_limit numeric) returns void
language plpgsql
as $$
begin
    if p_limit <> 0 and not credits._is_amount(p_limit) then
        perform credits._refuse_invalid(p_field, 'must be null, or from 0 to 999999999.999999 with at most 6 decimals');
    end if;
end
$$;

comment on function credits._check_limit_of is
    'Raises UC001 unless p_limit can be a limit of what is spent: null is none, 0 blocks';
