create or replace function gifts._refuse_too_many_attempts(p_until timestamptz) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UG008',
        message = 'Too many attempts',
        detail = json_build_object(
            'retryAfterSeconds', greatest(1, ceil(extract(epoch from p_until - credits._now())))::integer
        )::text,
        hint = 'Wait as long as retryAfterSeconds says';
end
$$;

comment on function gifts._refuse_too_many_attempts(timestamptz) is 'Raises UG008 too_many_attempts';
