create or replace function credits._refuse_insufficient(p_required numeric, p_available numeric, p_overdraft numeric default null) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC002',
        message = 'Insufficient credits',
        detail = json_strip_nulls(json_build_object(
            'required', trim_scale(p_required), 'available', trim_scale(coalesce(p_available, 0)),
            'cap', case when p_overdraft is not null then 'max_overrun' end, 'limit', trim_scale(p_overdraft)
        ))::text,
        hint = 'Buy or receive credits first, or ask for less';
end
$$;

comment on function credits._refuse_insufficient is 'Raises UC002 insufficient_credits; of a debit that may go into debt with the cap of that';
