create or replace function credits._refuse_invalid(p_field text, p_problem text) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC001',
        message = format('%s %s', p_field, p_problem),
        detail = json_build_object(p_field, p_problem)::text,
        hint = 'Correct the named field and call again';
end
$$;

comment on function credits._refuse_invalid is
    'Raises UC001 invalid_request; DETAIL maps the field to what is wrong with it';
