create or replace function credits._lock_account(
    p_account_id text, p_kind credits.account_kind, p_create boolean default false
)
returns credits.entries
language plpgsql
as $$
declare
    v_last credits.entries;
begin
    perform credits._hold_in_place(p_account_id);
    if p_create then
        perform credits._refuse_pseudonym(p_account_id);
    end if;
    -- More than twice only if the account is erased right after somebody else has made it.
    loop
        perform from credits.accounts a
        where a.account_id = p_account_id and a.kind = p_kind and a.closed_at is null
        for no key update;
        exit when found or not p_create;
        perform credits._open_account(p_account_id, p_kind);
    end loop;
    if not found then
        perform credits._refuse_closed(p_account_id, p_kind);
        if p_kind = 'pool' then
            perform credits._refuse_absent(p_account_id, p_kind, 0);
        end if;
    end if;
    v_last := credits._last_entry(p_account_id, p_kind);
    if v_last.due_after <= credits._now() then
        perform credits._settle(p_account_id, p_kind);
        v_last := credits._last_entry(p_account_id, p_kind);
    end if;
    return v_last;
end
$$;

comment on function credits._lock_account is
'Locks an account until the transaction ends, ends its holds and lots that are over, and returns its last entry; all
null for one without. With p_create, for what comes in, an account never seen is opened, and the id of an erased person
refused (UC001). Raises 55P03 while its person is being erased, UC001 or UC005 for a pool that is not there';
