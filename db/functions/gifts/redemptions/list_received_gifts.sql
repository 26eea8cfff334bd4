create or replace function gifts.list_received_gifts(
    p_user_id text, p_limit integer default 50, p_offset bigint default 0, p_cursor uuid default null
) returns table (
    id uuid, gift_code_id uuid, code text, credits numeric, credits_received numeric, portion_number integer,
    message text, creator_name text, redeemed_at timestamptz, created_at timestamptz, status gifts.redemption_status
)
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        r.id, r.gift_code_id, r.code, r.credits_received, r.credits_received, r.portion_number, g.message,
        g.creator_name, r.created_at, r.created_at, r.status
    from gifts.gift_redemptions r
    join gifts.gift_codes g on g.code = r.code
    where r.redeemer_user_id = p_user_id
        and r.status = 'success'
        and r.id < coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by r.id desc
    limit p_limit offset p_offset;
end
$$;

comment on function gifts.list_received_gifts is
'The gifts a user has redeemed, newest first, from p_cursor (the id of the last row of the page before) on.
Errors: none.
Idempotency: reads only.
Locks: none.';
