create or replace function credits._next_due(p_account_id text, p_kind credits.account_kind) returns timestamptz
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return least(
        (
            select min(r.expires_at)
            from credits.reservations r
            where r.account_id = p_account_id and r.kind = p_kind and r.status = 'held'
        ),
        (
            select min(l.expires_at) from credits.lots l
            where l.account_id = p_account_id and p_kind = 'person' and l.remaining > 0
        )
    );
end
$$;

comment on function credits._next_due is
    'The time at which the next hold or lot of an account is over; null where it has none';
