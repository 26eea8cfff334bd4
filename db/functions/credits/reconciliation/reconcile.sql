create or replace function credits.reconcile(p_check_name text default null, p_scope text default 'new')
returns table (check_name text, description text, discrepancies bigint, milliseconds numeric, sample jsonb, scope text)
language plpgsql volatile security definer
rows 50
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
as $$
#variable_conflict use_column
declare
    v_started constant timestamptz := credits._now();
    v_scope text := credits._reconciliation_scope(p_scope);
    v_id uuid;
begin
    -- An old snapshot would take for verified what it has not seen, or write down a finding that is gone.
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        perform credits._refuse_invalid('isolation', 'must be read committed: begin the transaction without repeatable read or serializable');
    end if;
    -- One check alone proves nothing about the whole, and a standby or a read-only transaction keeps nothing.
    if p_check_name is not null or current_setting('transaction_read_only')::boolean then
        return query select c.*, v_scope from credits._run_checks(v_scope, p_check_name) c;
        return;
    end if;
    -- One run at a time: the next one begins where this one ends.
    insert into credits.job_claims (name, claimed_at) values ('reconcile', v_started) on conflict (name) do nothing;
    perform from credits.job_claims j where j.name = 'reconcile' for update;
    v_scope := credits._reconciliation_scope(p_scope);
    v_id := credits._next_id((select r.id from credits.reconciliations r order by r.id desc limit 1));

    -- One statement, hence one snapshot: where an account is taken to be verified is exactly what the checks have seen.
    return query
    with checked as materialized (
        select * from credits._run_checks(v_scope, null)
    ),
    run as (
        insert into credits.reconciliations (id, scope, started_at, finished_at, clean, credits_held, details)
        select
            v_id, v_scope, v_started, credits._now(), c.clean, h.total, c.details
        from (
            select
                bool_and(discrepancies = 0) as clean,
                jsonb_object_agg(
                    check_name, jsonb_build_object('discrepancies', discrepancies, 'milliseconds', milliseconds)
                ) as details
            from checked
        ) c
        cross join credits.holdings h
        returning clean
    ),
    standing as (
        select
            b.last_transaction_id, b.balance + b.reserved as balance, b.total_earned as total_in, b.total_spent as total_out, b.version,
            (select s.id from credits.seals s where s.user_id = b.user_id order by s.id desc limit 1) as seal_id
        from credits.balances b
        where b.last_transaction_id is not null
        union all
        select
            p.last_transaction_id, p.balance + p.reserved, p.total_funded, p.total_spent, p.version,
            (select s.id from credits.guild_seals s where s.organization_id = p.organization_id order by s.id desc limit 1)
        from credits.guild_pools p
        where p.last_transaction_id is not null
    ),
    superseded as (
        delete from credits.reconciled_accounts a
        using run
        where run.clean and not exists (select from standing s where s.last_transaction_id = a.transaction_id)
    ),
    verified as (
        insert into credits.reconciled_accounts as a (transaction_id, balance, total_in, total_out, version, seal_id)
        select s.last_transaction_id, s.balance, s.total_in, s.total_out, s.version, s.seal_id
        from standing s
        cross join run
        where run.clean
        -- An account that has not moved may have been sealed since.
        on conflict (transaction_id) do update set seal_id = excluded.seal_id where a.seal_id is distinct from excluded.seal_id
    )
    select c.*, v_scope from checked c order by c.check_name;
end
$$;

comment on function credits.reconcile(text, text) is
'Runs every check of the books, or the one named p_check_name: one row each, with the number of discrepancies (0 when all is well), the time it took and up to five of them. p_scope is full for all there is, or new for what is newer than the last clean run; new becomes full where no full run is known to be clean. A run of all checks is kept in credits.reconciliations, and a clean one moves the place where the next begins.
Errors: UC001 invalid_request.
Idempotency: any number of runs; nothing but their record is written, and nothing at all for a single check, on a standby or in a read-only transaction.
Locks: runs wait for each other; nobody else waits for them.';
