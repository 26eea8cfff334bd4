create or replace function credits._lock_accounts(p_account_ids text[], p_kind credits.account_kind) returns text[]
language plpgsql
as $$
declare
    v_locked text[] := '{}';
    v_more text[];
    v_answer text[];
begin
    loop
        v_more := array(
            select l.account_id
            from (
                select a.account_id
                from credits.accounts a
                where a.account_id = any (p_account_ids)
                    and a.account_id > coalesce(v_locked[cardinality(v_locked)], '')
                    and a.kind = p_kind and a.closed_at is null
                order by a.account_id
                for no key update
            ) l
        );
        v_locked := v_locked || v_more;
        -- Most batches: each account once, all of them there.
        if cardinality(v_locked) = cardinality(p_account_ids) then
            return p_account_ids;
        end if;
        v_answer := array(
            select case when i.account_id in (select l.id from unnest(v_locked) as l (id)) then i.account_id end
            from unnest(p_account_ids) with ordinality as i (account_id, item)
            order by i.item
        );
        -- An account opened while another was waited for is seen now. It is locked only if its id comes after those.
        exit when v_more = '{}' or array_position(v_answer, null) is null;
    end loop;
    return v_answer;
end
$$;

comment on function credits._lock_accounts is
'Locks accounts in the order of their ids. Returns p_account_ids, with null in place of each that is not locked: it is
not there, is closed, or was opened while others were waited for that come after it';
