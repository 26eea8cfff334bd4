create or replace function credits.end_of_page(
    p_user_id text, p_rows integer, p_cursor uuid default null, p_to timestamptz default null
) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_below constant bigint := credits._page_below(p_user_id, 'person', p_cursor, p_to);
    v_id uuid;
begin
    select e.id into v_id
    from credits.entries e
    where e.account_id = p_user_id and e.kind = 'person' and e.amount <> 0 and e.sequence < v_below
    order by e.sequence desc
    offset p_rows - 1
    limit 1;
    return v_id;
end
$$;

comment on function credits.end_of_page is
'Returns the end of a page that filters: the id of the last of p_rows rows of a user''s ledger, newest first. They come
after p_cursor (the id of the last row before) and before p_to; null when there are fewer. The next page begins there.
Errors: none.
Idempotency: reads only.
Locks: none.';
