create or replace function credits._check_email(p_field text, p_email text) returns text
language plpgsql
as $$
declare
    v_email constant text := btrim(credits._plain_spaces(p_email));
begin
    if credits._is_email(v_email) is not true then
        perform credits._refuse_invalid(p_field, 'must be an e-mail address');
    end if;
    return v_email;
end
$$;

comment on function credits._check_email is
    'An e-mail address without white space around it, of at most 254 characters. Raises UC001 for what is none';
