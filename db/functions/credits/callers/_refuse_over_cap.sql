create or replace function credits._refuse_over_cap(p_cap text, p_figures json) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC016',
        message = format('This service may not do that: it goes beyond its cap %s', p_cap),
        detail = (jsonb_build_object('cap', p_cap) || p_figures::jsonb)::text,
        hint = 'Have the service''s row in credits.service_caps changed';
end
$$;

comment on function credits._refuse_over_cap is 'Raises UC016 cap_exceeded';
