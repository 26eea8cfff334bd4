create or replace function gifts._normalize_code(p_code text) returns text
language plpgsql immutable
as $$
declare
    -- Spaces, hyphens and dashes of every kind, also those that cannot be seen, and the full stop of a sentence.
    v_code text := upper(regexp_replace(
        credits._plain_spaces(left(p_code, 100)), E'[ .\\u00ad\\u200b-\\u200f\\u2010-\\u2015\\u2060\\u2212\\ufeff-]', '', 'g'
    ) collate "C");
begin
    return case
        when v_code ~ '^[A-Z0-9]{10}$' and gifts._check_character(left(v_code, 9)) = right(v_code, 1) then v_code
        -- The predecessor's have no check character.
        when v_code ~ '^[A-HJ-NP-Z2-9]{6}$' then v_code
    end;
end
$$;

comment on function gifts._normalize_code is
'A code as people type it (lower case, spaces, hyphens and the like) in the form it is kept. Null for what cannot be a
code, so that it is not even looked up';
