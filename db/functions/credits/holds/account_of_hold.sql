create or replace function credits.account_of_hold(p_reservation_id uuid) returns table (account_id text, kind credits.account_kind)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.account_id::text, r.kind from credits.reservations r where r.id = p_reservation_id;
end
$$;

comment on function credits.account_of_hold is
'Returns the account whose credits a hold sets aside; no row for an unknown hold. So the HTTP layer lets calls for one
account wait together.
Errors: none.
Idempotency: reads only.
Locks: none.';
