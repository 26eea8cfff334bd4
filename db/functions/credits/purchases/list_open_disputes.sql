create or replace function credits.list_open_disputes(p_cursor uuid default null, p_limit integer default 10000)
returns table (user_id text, purchase_id uuid, stripe_dispute_id text)
language plpgsql stable security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select d.user_id::text, d.purchase_id, d.stripe_dispute_id
        from credits.purchase_disputes d
        where d.purchase_id > coalesce(p_cursor, '00000000-0000-0000-0000-000000000000')
            and (
                d.status = 'open'
                or (d.status = 'lost' and d.updated_at >= credits._now() - interval '90 days')
            )
        order by d.purchase_id
        fetch first p_limit rows with ties;
end
$$;

comment on function credits.list_open_disputes is
'Lists disputes that may still turn: those without an end, however old, and those lost in the last 90 days. They come in
the order of their purchases, after p_cursor (the purchase_id of the last row of the page before). A purchase''s are all
on one page.
Errors: none.
Idempotency: reads only.
Locks: none.';
