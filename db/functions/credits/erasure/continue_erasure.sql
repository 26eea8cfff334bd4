create or replace function credits.continue_erasure() returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request credits.erasure_requests;
    v_later constant timestamptz := credits._now() + interval '1 minute';
    v_done record;
    v_now timestamptz;
begin
    perform credits._go_in_line();
    select * into v_request
    from credits.erasure_requests r
    where r.finished_at is null and r.due_at <= credits._now()
    order by r.due_at
    limit 1
    for no key update skip locked;
    if not found then
        return false;
    end if;
    begin
        v_done := credits._erase(v_request.user_id, v_request.pseudonym, v_request.addresses, null, true);
        v_now := credits._now();
        update credits.erasure_requests r
        set
            user_id = null, pseudonym = null, addresses = null, finished_at = v_now,
            deleted_count = v_done.deleted_count, forfeited_credits = v_done.forfeited_credits,
            cancelled_gifts = v_done.cancelled_gifts, released_reservations = v_done.released_reservations
        where r.user_hash = v_request.user_hash;
    exception when others then
        -- It keeps nobody else from theirs.
        raise warning 'an erasure waits: %', sqlstate;
        update credits.erasure_requests r set due_at = v_later where r.user_hash = v_request.user_hash;
    end;
    return true;
end
$$;

comment on function credits.continue_erasure is
'Finishes an erasure of somebody with very much, in one transaction: it takes seconds for every 100,000 entries, and
about one for every 1,000 open gifts. Says whether there was any; call again while there is. One that fails is tried
again after a minute.
Errors: none.
Idempotency: by nature; several callers at once erase different people.
Locks: what erase_user locks, the pools last.';
