create or replace function credits._check_metadata(p_metadata jsonb) returns void
language plpgsql
as $$
begin
    if credits._is_metadata(p_metadata) is not true then
        perform credits._refuse_invalid('metadata', case
            when p_metadata is null or jsonb_typeof(p_metadata) <> 'object' then 'must be a JSON object'
            when jsonb_path_exists(p_metadata, 'strict $.** ? (@ >= 1e308 || @ <= -1e308)')
                then 'must not hold a number of 1e308 or more'
            else 'must be at most 65536 bytes as text'
        end);
    end if;
end
$$;

comment on function credits._check_metadata is
'Raises UC001 unless p_metadata is a JSON object of at most 64 KiB as text whose numbers are of a magnitude below
1e308';
