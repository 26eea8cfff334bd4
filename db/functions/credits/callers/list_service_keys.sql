create or replace function credits.list_service_keys(p_used text[] default '{}')
returns table (
    name text, number integer, key_hash text, reason text, created_at timestamptz, used_on date,
    revoked_at timestamptz, revoked_reason text
)
language plpgsql security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := (credits._now() at time zone 'UTC')::date;
begin
    update credits.service_keys k
    set used_on = v_today
    where encode(k.key_hash, 'hex') = any (p_used) and (k.used_on < v_today or k.used_on is null);
    return query
    select
        k.name, k.number, encode(k.key_hash, 'hex'), k.reason, k.created_at, k.used_on, k.revoked_at, k.revoked_reason
    from credits.service_keys k
    order by k.name, k.number;
end
$$;

comment on function credits.list_service_keys is
'All keys that were made for trusted services, the revoked ones too, and by number 0 the names whose keys of the
environment are revoked. Beside, it notes the day of those that were used, by their hashes in p_used: each is written
once a day.
Errors: none.
Idempotency: by nature.
Locks: none, but the rows of keys that were used for the first time of a day.';
