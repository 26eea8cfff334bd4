create or replace function credits._erasure_step(p_request credits.erasure_requests, p_limit integer) returns void
language plpgsql
as $$
declare
    v_codes constant text[] := array(
        select g.code from gifts.gift_codes g
        where g.creator_id = p_request.user_id and g.status = 'active'
        order by g.code
        limit p_limit
    );
    v_done record;
    v_now timestamptz;
begin
    if v_codes <> '{}' then
        p_request.cancelled_gifts := p_request.cancelled_gifts + credits._cancel_gifts_of(p_request.user_id, v_codes);
    else
        v_done := credits._erase(p_request.user_id, p_request.pseudonym, p_request.addresses, null, true);
        p_request.deleted_count := v_done.deleted_count;
        p_request.forfeited_credits := v_done.forfeited_credits;
        p_request.cancelled_gifts := p_request.cancelled_gifts + v_done.cancelled_gifts;
        p_request.released_reservations := v_done.released_reservations;
        p_request.finished_at := credits._now();
        p_request.user_id := null;
        p_request.pseudonym := null;
        p_request.addresses := null;
    end if;
    v_now := credits._now();
    update credits.erasure_requests r
    set
        user_id = p_request.user_id, pseudonym = p_request.pseudonym, addresses = p_request.addresses,
        deleted_count = p_request.deleted_count, forfeited_credits = p_request.forfeited_credits,
        cancelled_gifts = p_request.cancelled_gifts, released_reservations = p_request.released_reservations,
        due_at = v_now, finished_at = p_request.finished_at
    where r.user_hash = p_request.user_hash;
end
$$;

comment on function credits._erasure_step(credits.erasure_requests, integer) is
    'One step of an erasure that the caller has claimed, so that no lock is held for long: open gifts, some at a time, then all the rest';
