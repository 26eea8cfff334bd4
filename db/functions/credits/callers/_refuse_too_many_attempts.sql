create or replace function credits._refuse_too_many_attempts(p_until timestamptz, p_at_gifts boolean default false)
returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = case when p_at_gifts then 'UG008' else 'UC018' end,
        message = 'Too many attempts',
        detail = json_build_object(
            'retryAfterSeconds', greatest(1, ceil(extract(epoch from p_until - credits._now())))::integer
        )::text,
        hint = 'Wait as long as retryAfterSeconds says';
end
$$;

comment on function credits._refuse_too_many_attempts is 'Raises UC018 too_many_attempts, for attempts at gifts UG008';
