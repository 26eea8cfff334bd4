create or replace function credits._lock_accounts(p_account_ids text[], p_kind credits.account_kind) returns text[]
language plpgsql
as $$
declare
    v_locked constant text[] := array(
        select l.account_id
        from (
            select a.account_id
            from credits.accounts a
            where a.account_id = any (p_account_ids) and a.kind = p_kind
            order by a.account_id
            for no key update
        ) l
    );
begin
    -- One that is opened while another is waited for would be there for the next statement, but not locked.
    return array(
        select case when i.account_id = any (v_locked) then i.account_id end
        from unnest(p_account_ids) with ordinality as i (account_id, item)
        order by i.item
    );
end
$$;

comment on function credits._lock_accounts(text[], credits.account_kind) is
    'Locks accounts in the order of their ids, and returns p_account_ids with null for those that are not there';
