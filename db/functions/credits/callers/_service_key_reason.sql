create or replace function credits._service_key_reason(p_name text, p_reason text) returns text
language plpgsql immutable
as $$
declare
    v_reason constant text := left(credits._clean_reason(p_reason), 500);
begin
    if p_name ~ '^[!-+.-9;-~-]{1,128}$' is not true then
        perform credits._refuse_invalid('name', 'must be 1 to 128 printable ASCII characters, without spaces, commas and colons');
    end if;
    if coalesce(v_reason, '') = '' then
        perform credits._refuse_invalid('reason', 'must be a text that says why');
    end if;
    return v_reason;
end
$$;

comment on function credits._service_key_reason is
    'Returns why a key is made or revoked, as it is kept. Raises UC001 where the name cannot be a service''s, or no reason is given';
