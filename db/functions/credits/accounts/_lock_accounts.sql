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
                where a.account_id = any (p_account_ids) and a.account_id > coalesce(v_locked[cardinality(v_locked)], '')
                    and a.kind = p_kind and a.closed_at is null
                order by a.account_id
                for no key update
            ) l
        );
        v_locked := v_locked || v_more;
        v_answer := array(
            select case when i.account_id in (select l.id from unnest(v_locked) as l (id)) then i.account_id end
            from unnest(p_account_ids) with ordinality as i (account_id, item)
            order by i.item
        );
        -- One that is opened while another is waited for is there for the next statement. It is waited for only if it comes after that.
        exit when v_more = '{}' or array_position(v_answer, null) is null;
    end loop;
    return v_answer;
end
$$;

comment on function credits._lock_accounts is
'Locks accounts in the order of their ids, and returns p_account_ids with null for those that are not there, closed, or
opened too late to be in order';
