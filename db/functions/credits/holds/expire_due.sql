create or replace function credits.expire_due(p_limit integer default 100) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := credits._now();
    v_due record;
    v_account text;
    v_seen text[] := '{}';
    v_accounts integer := 0;
begin
    perform credits._check_limit(p_limit, 10000);
    -- Nobody is waited for, so the order of locks does not matter; and whoever is locked keeps no other waiting.
    for v_due in
        select *
        from (
            select r.account_id, r.kind, r.expires_at from credits.reservations r where r.status = 'held' and r.expires_at <= v_now
            union all
            select l.account_id, 'person', l.expires_at from credits.lots l where l.remaining > 0 and l.expires_at <= v_now
        ) d
        order by d.expires_at
    loop
        exit when v_accounts = p_limit;
        v_account := format('%s %s', v_due.kind, v_due.account_id);
        continue when v_account = any (v_seen);
        v_seen := v_seen || v_account;
        perform from credits.accounts a
        where a.account_id = v_due.account_id and a.kind = v_due.kind and a.closed_at is null
        for no key update skip locked;
        if found and credits._settle(v_due.account_id, v_due.kind, p_limit) then
            v_accounts := v_accounts + 1;
        end if;
    end loop;
    return v_accounts;
end
$$;

comment on function credits.expire_due is
'Writes down what time has done already: frees holds past their time and lets expired credits go. It looks at up to
p_limit accounts, those that have waited longest first, and at up to p_limit holds and lots of each. Returns how many
accounts it brought up to date; call again until it returns 0.
Errors: UC001 invalid_request.
Idempotency: by nature; several callers at once share the work.
Locks: the accounts, but for those locked by others, which are left for the next call.';
