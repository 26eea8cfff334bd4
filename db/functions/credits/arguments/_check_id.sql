create or replace function credits._check_id(p_field text, p_id text) returns void
language plpgsql
as $$
begin
    if credits._is_id(p_id) is not true then
        perform credits._refuse_invalid(p_field, 'must be 1 to 128 characters without control characters');
    end if;
end
$$;

comment on function credits._check_id is 'Raises UC001 unless p_id can name a user, guild or app';
