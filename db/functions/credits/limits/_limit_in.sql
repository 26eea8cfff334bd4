create or replace function credits._limit_in(p_limits jsonb, p_key text, p_field text, p_before numeric) returns numeric
language plpgsql
as $$
begin
    if p_limits -> p_key is null then
        return p_before;
    end if;
    if jsonb_typeof(p_limits -> p_key) not in ('number', 'null') then
        perform credits._refuse_invalid(p_field, 'must be a number of credits, or null');
    end if;
    perform credits._check_limit_of(p_field, (p_limits ->> p_key)::numeric);
    return (p_limits ->> p_key)::numeric;
end
$$;

comment on function credits._limit_in is
'The limit that an object names under a key: null removes it, an absent one stays p_before. Raises UC001 for what is
none';
