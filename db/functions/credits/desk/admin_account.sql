create or replace function credits.admin_account(p_user_id text)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric, debt numeric,
    frozen boolean, frozen_at timestamptz, frozen_reason text, created_at timestamptz,
    holds jsonb, lots jsonb, entries jsonb
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_last credits.entries;
begin
    select b.user_id, b.balance, b.total_earned, b.total_spent, b.reserved, b.frozen
    into user_id, balance, total_earned, total_spent, reserved, frozen
    from credits.get_balance(p_user_id) b;
    select a.frozen_at, a.frozen_reason, a.created_at into frozen_at, frozen_reason, created_at
    from credits.accounts a
    where a.account_id = p_user_id and a.kind = 'person';
    if not found then
        if frozen then
            frozen_reason := 'Frozen before its person was erased';
        elsif exists (select from credits.accounts a where a.account_id = p_user_id and a.kind = 'pool') then
            perform credits._refuse_unknown(
                'userId', p_user_id, p_message => 'This is a guild: only people have accounts here'
            );
        end if;
    end if;
    v_last := credits._last_entry(p_user_id, 'person');
    debt := greatest(-balance, 0);
    holds := to_jsonb(array(
        select jsonb_build_object(
            'reservationId', r.id, 'appId', r.app_id, 'amount', trim_scale(r.amount), 'reason', r.reason,
            'calledBy', r.called_by, 'createdAt', credits._utc(r.created_at), 'expiresAt', credits._utc(r.expires_at)
        )
        from credits.reservations r
        where r.account_id = p_user_id and r.kind = 'person' and r.status = 'held' and r.expires_at > v_now
        order by r.id desc
        limit 50
    ));
    lots := to_jsonb(array(
        select jsonb_build_object(
            'transactionId', l.id, 'granted', trim_scale(l.granted), 'expiresAt', credits._utc(l.expires_at),
            'remaining', trim_scale(case when l.id = v_last.lot_id then v_last.lot_left else l.remaining end)
        )
        from credits.lots l
        where l.account_id = p_user_id and l.remaining > 0 and l.expires_at > v_now
        order by l.expires_at, l.id
        limit 50
    ));
    entries := to_jsonb(array(
        select jsonb_build_object(
            'id', e.id, 'type', e.type, 'amount', trim_scale(e.amount), 'balance', trim_scale(e.available - e.debt),
            'reserved', trim_scale(e.reserved), 'appId', e.app_id, 'description', e.description,
            'referenceId', e.reference_id, 'guildId', e.other_id, 'idempotencyKey', e.idempotency_key,
            'calledBy', e.called_by, 'requestId', e.request_id, 'createdAt', credits._utc(e.created_at)
        )
        from credits.entries e
        where e.account_id = p_user_id and e.kind = 'person'
        order by e.sequence desc
        limit 50
    ));
    return next;
end
$$;

comment on function credits.admin_account is
'Shows a person''s account to the support desk: the balance, what is owed, whether it is frozen and why, open holds,
credits that expire, and the last 50 entries with their callers. All zeros for a user never seen. One who was erased
while frozen is frozen, since a time that nobody knows any more. Holds and dated credits that are over are gone, though
nobody may have written it.
Errors: UC001 invalid_request, UC025 not_found (it is the id of a guild, and of nobody else).
Idempotency: reads only.
Locks: none.';
