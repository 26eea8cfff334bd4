create or replace function credits.end_of_page(
    p_user_id text, p_rows integer, p_cursor uuid default null, p_to timestamptz default null
) returns uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select t.id
    from credits.transactions t
    where t.user_id = p_user_id
        and t.id < least(
            coalesce(p_cursor, 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
            coalesce(credits._id_floor(p_to + interval '1 second'), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
    order by t.id desc
    offset p_rows - 1
    limit 1
$$;

comment on function credits.end_of_page(text, integer, uuid, timestamptz) is
'The id of the last of p_rows rows of a user''s ledger, newest first, from p_cursor (the id of the last row before) on, before p_to; null when there are fewer. So far may a page reach that filters, and the next one begins there.
Errors: none.
Idempotency: reads only.
Locks: none.';
