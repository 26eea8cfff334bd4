create or replace function credits.admin_release(
    p_admin text, p_reservation_id uuid, p_reason text, p_idempotency_key text, p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Pools before people.
    v_held constant credits.reservations := credits._lock_reservation(p_reservation_id);
    v_act credits.admin_actions := credits._begin_act(
        p_admin, v_held.user_id, 'release', p_reservation_id::text, p_reason, p_idempotency_key, p_request_id
    );
begin
    if v_act.created_at is null then
        -- Nothing, where it had been given up before.
        select case when r.replayed then 0 else r.released end into v_act.amount
        from credits.release_reservation(p_reservation_id, p_request_id, 'admin:' || p_admin) r;
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_release is
'Frees what a hold has set aside, of a person or of a pool, for p_admin of the support desk, and gives it up. The act is
one on the person who holds.
Errors: UC011 reservation_not_found, UC001 invalid_request, UC024 own_account, UC004 idempotency_key_reused, UC013
reservation_already_committed, UC016 cap_exceeded (of admin:<p_admin>).
Idempotency: p_idempotency_key within the user''s account; a retry returns the first act with replayed = true.
Locks: the account whose credits are held, then the user''s.';
