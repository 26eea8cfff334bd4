create or replace function credits._refuse_insufficient(p_required numeric, p_available numeric) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC002',
        message = 'Insufficient credits',
        detail = json_build_object('required', trim_scale(p_required), 'available', trim_scale(coalesce(p_available, 0)))::text,
        hint = 'Buy or receive credits first, or ask for less';
end
$$;

comment on function credits._refuse_insufficient is 'Raises UC002 insufficient_credits';
