create or replace function credits._refuse_too_many_attempts(p_sqlstate text, p_until timestamptz) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = p_sqlstate,
        message = 'Too many attempts',
        detail = json_build_object(
            'retryAfterSeconds', greatest(1, ceil(extract(epoch from p_until - credits._now())))::integer
        )::text,
        hint = 'Wait as long as retryAfterSeconds says';
end
$$;

comment on function credits._refuse_too_many_attempts(text, timestamptz) is 'Raises too_many_attempts: UC018, or UG008 for gifts';
