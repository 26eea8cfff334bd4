create or replace function credits._check_service_name(p_name text) returns void
language plpgsql
as $$
begin
    perform credits._refuse_invalid(
        'name', 'must be 1 to 128 printable ASCII characters, without spaces, commas and colons'
    ) where p_name ~ '^[!-+.-9;-~-]{1,128}$' is not true;
end
$$;

comment on function credits._check_service_name is 'Raises UC001 unless keys can be of this name';
