create or replace function credits.admin_list_prices(
    p_operation text default null, p_limit integer default 50, p_offset bigint default 0
) returns setof credits.prices
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select *
    from credits.prices p
    where p_operation is null or p.operation = p_operation
    order by p.operation, p.valid_from desc
    limit p_limit offset p_offset;
end
$$;

comment on function credits.admin_list_prices is
'All prices that there ever were and will be, of an operation or of all, each operation''s newest first.
Errors: none.
Idempotency: reads only.
Locks: none.';
