create or replace function credits._check_email(p_field text, p_email text) returns void
language plpgsql
as $$
begin
    if credits._is_email(p_email) is not true then
        perform credits._refuse_invalid(p_field, 'must be an e-mail address');
    end if;
end
$$;

comment on function credits._check_email is 'Raises UC001 unless p_email can be an e-mail address, at most 254 characters long';
