create or replace function credits._release_for_erasure(
    p_account_id text, p_kind credits.account_kind, p_hold_id uuid, p_request_id text
) returns void
language plpgsql
as $$
declare
    v_last credits.entries;
begin
    perform credits._end_hold(p_account_id, p_hold_id, 'released', credits._now(), p_request_id);
    v_last := credits._last_entry(p_account_id, p_kind);
    update credits.reservations r
    set balance_after_end = case when p_kind = 'pool' then v_last.available - v_last.debt else 0 end
    where r.account_id = p_account_id and r.kind = p_kind and r.id = p_hold_id;
end
$$;

comment on function credits._release_for_erasure(text, credits.account_kind, uuid, text) is
    'Releases a hold of a person who is erased; a later call about it is told what the pool had then, and nothing of the person';
