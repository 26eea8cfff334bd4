create or replace function credits._refuse_unknown(p_field text, p_named text) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC025',
        message = format('%s: there is none like this', p_field),
        detail = json_build_object(p_field, p_named)::text,
        hint = 'Look for a mistake in the named field';
end
$$;

comment on function credits._refuse_unknown is 'Raises UC025 not_found; DETAIL has the field and what it named';
