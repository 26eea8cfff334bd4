create or replace function credits._check_metadata(p_metadata jsonb) returns void
language plpgsql
as $$
begin
    if credits._is_metadata(p_metadata) is not true then
        perform credits._refuse_invalid('metadata', case
            when p_metadata is null or jsonb_typeof(p_metadata) <> 'object' then 'must be a JSON object'
            when not credits._has_short_numbers(p_metadata)
                then 'must not hold a number of 1e308 or more, or with more than 400 decimals'
            else 'must be at most 65536 bytes as text'
        end);
    end if;
end
$$;

comment on function credits._check_metadata is
'Raises UC001 unless p_metadata is a JSON object of at most 64 KiB as text whose numbers are below 1e308 and have at
most 400 decimals';
