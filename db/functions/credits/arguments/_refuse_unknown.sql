create or replace function credits._refuse_unknown(
    p_field text, p_named text, p_state text default 'UC025', p_message text default 'There is none like this'
) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = p_state,
        message = p_message,
        detail = json_build_object(p_field, p_named)::text,
        hint = 'Give one that there is: look for a mistake in the named field';
end
$$;

comment on function credits._refuse_unknown is
'Raises that there is nothing like what a field names: UC025 not_found, or the code for its kind. DETAIL has the field
and what it named';
