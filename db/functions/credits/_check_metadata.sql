create or replace function credits._check_metadata(p_metadata jsonb) returns void
language plpgsql
as $$
begin
    if p_metadata is null or jsonb_typeof(p_metadata) <> 'object' then
        perform credits._refuse_invalid('metadata', 'must be a JSON object');
    end if;
    -- jsonb prints a space after each colon and comma that the caller need not have sent: outside of strings, all spaces are those.
    if octet_length(p_metadata::text) > 16384
        or octet_length(p_metadata::text) > 8192
        and octet_length(p_metadata::text)
            - regexp_count(regexp_replace(p_metadata::text, '"([^"\\]|\\.)*"', '', 'g'), ' ') > 8192
    then
        perform credits._refuse_invalid('metadata', 'must be at most 8192 bytes as text');
    end if;
end
$$;

comment on function credits._check_metadata(jsonb) is 'Raises UC001 unless p_metadata is a JSON object of at most 8 KiB as text';
