create or replace function credits.get_reservation(p_reservation_id uuid)
returns table (
    reservation_id uuid, user_id text, guild_id text, app_id text, reserved numeric, captured numeric,
    remaining numeric, expires_at timestamptz, status credits.reservation_status
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_held credits.reservations := credits._reservation(p_reservation_id);
    v_user_id constant text := case when not credits._is_pseudonym(v_held.user_id) then v_held.user_id end;
begin
    if v_held.status = 'held' and v_held.expires_at <= credits._now() then
        v_held.status := 'expired';
    end if;
    return query select
        v_held.id, v_user_id, case when v_held.kind = 'pool' then v_held.account_id::text end, v_held.app_id,
        v_held.amount + v_held.captured, v_held.captured + v_held.committed_amount,
        case when v_held.status in ('held', 'expired') and v_user_id is not null then v_held.amount else 0 end,
        v_held.expires_at, v_held.status;
end
$$;

comment on function credits.get_reservation is
'A hold: what was reserved, what of it was captured or committed, and what can still be taken (remaining). While its
status is held that is set aside. Past its time (expired, whether or not anybody has written it) nothing is: it is
taken from what is there then. user_id is null once the person was erased: whoever kept the hold''s id shall not join
their id with the pseudonym.
Errors: UC011 reservation_not_found.
Idempotency: reads only.
Locks: none.';
