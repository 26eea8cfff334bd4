create or replace function credits._refuse_too_large(p_balance numeric, p_amount numeric) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC008',
        message = 'The balance would grow beyond 999999999999.999999 credits',
        detail = json_build_object('balance', trim_scale(p_balance), 'amount', trim_scale(p_amount))::text,
        hint = 'Spend first, or credit another account';
end
$$;

comment on function credits._refuse_too_large is 'Raises UC008 balance_too_large';
