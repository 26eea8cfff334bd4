create or replace function credits._refuse_insufficient(
    p_required numeric, p_available numeric, p_overdraft numeric default null
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_required constant numeric := trim_scale(p_required);
    v_available constant numeric := trim_scale(coalesce(p_available, 0));
begin
    raise exception using
        errcode = 'UC002',
        message = 'Insufficient credits',
        detail = case
            when p_overdraft is null then json_build_object('required', v_required, 'available', v_available)
            else json_build_object(
                'required', v_required, 'available', v_available, 'cap', 'max_overrun', 'limit', trim_scale(p_overdraft)
            )
        end::text,
        hint = 'Buy or receive credits first, or ask for less';
end
$$;

comment on function credits._refuse_insufficient is
    'Raises UC002 insufficient_credits; for a debit that may go into debt with the cap of that';
