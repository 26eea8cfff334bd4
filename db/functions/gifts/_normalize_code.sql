create or replace function gifts._normalize_code(p_code text) returns text
language plpgsql immutable
as $$
declare
    -- Spaces, hyphens and dashes of every kind, also those that cannot be seen, and the full stop of a sentence.
    v_code text := upper(regexp_replace(
        left(p_code, 100), '[\s.\u00a0\u00ad\u2007\u200b-\u200f\u2010-\u2015\u202f\u2060\u2212\u3000\ufeff-]', '', 'g'
    ));
begin
    if v_code ~ '^[A-Z0-9]{10}$' and gifts._check_character(left(v_code, 9)) = right(v_code, 1) then
        return v_code;
    end if;
    return null;
end
$$;

comment on function gifts._normalize_code(text) is
    'A code as people type it (lower case, spaces, hyphens and the like) in the form it is kept; null for what cannot be a code, so that it is not even looked up';
