create or replace function credits._is_metadata(p_metadata jsonb) returns boolean
language sql immutable parallel safe
as $$
    select p_metadata = '{}'
        or jsonb_typeof(p_metadata) = 'object'
        -- First of the two, since a short number can be a long text, and so can zero.
        -- That all are ordinary is seen faster.
        and (
            not jsonb_path_exists(p_metadata, 'strict $.** ? (@ >= 1e308 || @ <= -1e308 || @ < 1e-308 && @ > -1e-308)')
            or credits._has_short_numbers(p_metadata)
        )
        and (
            octet_length(p_metadata::text) <= 65536
            -- jsonb prints a space after each colon and comma, which the caller need not have sent. Outside of strings
            -- all spaces are those.
            or octet_length(p_metadata::text) <= 131072
            and octet_length(p_metadata::text)
                - regexp_count(regexp_replace(p_metadata::text, E'"([^"\\\\]|\\\\.)*"', '', 'g'), ' ') <= 65536
        )
$$;

comment on function credits._is_metadata is
'True if a movement may carry this metadata: an object of at most 64 KiB as text. A double must hold its numbers, since
readers make one of them. Null gives null. Inlined where it is used';
