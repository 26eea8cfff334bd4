create or replace function credits._check_limit(p_limit bigint, p_most bigint) returns void
language plpgsql
as $$
begin
    if p_limit between 1 and p_most is not true then
        perform credits._refuse_invalid('limit', format('must be from 1 to %s', p_most));
    end if;
end
$$;

comment on function credits._check_limit is
    'Raises UC001 unless one call may do or return p_limit of what it is about, of which p_most are the most';
