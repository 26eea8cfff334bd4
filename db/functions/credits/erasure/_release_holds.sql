create or replace function credits._release_holds(
    p_user_id text, p_account_id text, p_kind credits.account_kind, p_request_id text
) returns integer
language plpgsql
as $$
declare
    v_ids constant uuid[] := array(
        select r.id
        from credits.reservations r
        where r.account_id = p_account_id and r.kind = p_kind and r.user_id = p_user_id and r.status = 'held'
        order by r.id
    );
    v_id uuid;
    v_last credits.entries;
begin
    foreach v_id in array v_ids loop
        perform credits._end_hold(p_account_id, v_id, 'released', credits._now(), p_request_id);
        v_last := credits._last_entry(p_account_id, p_kind);
        update credits.reservations r
        set balance_after_end = case when p_kind = 'pool' then v_last.available - v_last.debt else 0 end
        where r.account_id = p_account_id and r.kind = p_kind and r.id = v_id;
    end loop;
    return cardinality(v_ids);
end
$$;

comment on function credits._release_holds is
'Releases all that a person who is erased holds of an account, and returns how many that were; a later call about one of
them is told what the pool had then, and nothing of the person';
