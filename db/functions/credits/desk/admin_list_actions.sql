create or replace function credits.admin_list_actions(
    p_user_id text default null,
    p_admin text default null,
    p_limit integer default 50,
    p_offset bigint default 0,
    p_cursor uuid default null
) returns setof credits.act
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        a.id, a.account_id, a.admin_id::text, a.action, a.subject_id, a.amount::numeric, a.reason, a.entry_id,
        a.balance::numeric, a.before, a.after, a.idempotency_key, a.request_id, a.created_at, false
    from credits.admin_actions a
    where (p_user_id is null or a.account_id = p_user_id)
        and (p_admin is null or a.admin_id = p_admin)
        and (p_cursor is null or a.id < p_cursor)
    order by a.id desc
    limit p_limit offset p_offset;
end
$$;

comment on function credits.admin_list_actions is
'Lists the acts of the support desk, newest first, on a user (an empty id for packages and prices) or by an admin.
p_cursor is the id of the last row of the page before.
Errors: none.
Idempotency: reads only.
Locks: none.';
