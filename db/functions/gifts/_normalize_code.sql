create or replace function gifts._normalize_code(p_code text) returns text
language plpgsql immutable
as $$
declare
    v_code text := upper(regexp_replace(left(p_code, 100), '[\s-]', '', 'g'));
begin
    if v_code ~ '^[A-Z0-9]{10}$' and gifts._check_character(left(v_code, 9)) = right(v_code, 1) then
        return v_code;
    end if;
    return null;
end
$$;

comment on function gifts._normalize_code(text) is
    'A code as people type it (lower case, spaces, hyphens) in the form it is kept; null for what cannot be a code, so that it is not even looked up';
