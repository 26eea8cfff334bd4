create or replace function gifts.list_created_gifts(
    p_user_id text, p_limit integer default 50, p_offset bigint default 0, p_cursor uuid default null
) returns table (
    id uuid, code text, short_url text, type gifts.gift_type, status gifts.gift_status, total_credits numeric,
    credits_per_portion numeric, total_portions integer, claimed_portions integer, redeemed boolean, message text,
    expires_at timestamptz, created_at timestamptz
)
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        g.id, g.code, g.short_url, g.type, gifts._status_now(g.status, g.expires_at), g.total_credits,
        g.credits_per_portion, g.total_portions, g.claimed_portions, g.status = 'depleted', g.message, g.expires_at,
        g.created_at
    from gifts.gift_codes g
    where g.creator_id = p_user_id and g.id < coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by g.id desc
    limit p_limit offset p_offset;
end
$$;

comment on function gifts.list_created_gifts is
'The gifts a user has made, newest first, from p_cursor (the id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';
