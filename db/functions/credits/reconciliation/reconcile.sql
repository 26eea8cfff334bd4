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
    v_spread constant boolean := (select s.spread from credits.settings s);
    -- One check alone proves nothing about the whole, and a standby or a read-only transaction keeps nothing.
    v_is_kept constant boolean := p_check_name is null and not current_setting('transaction_read_only')::boolean;
    v_scope text := 'full';
    v_id uuid;
    v_held numeric;
begin
    perform credits._refuse_invalid('scope', 'must be full or new') where p_scope in ('full', 'new') is not true;
    perform credits._refuse_invalid('checkName', 'must be that of a check')
    where p_check_name is not null and to_regclass('reconcile.' || quote_ident(p_check_name)) is null;
    -- An old snapshot would take for verified what it has not seen, or write down a finding that is gone.
    perform credits._refuse_invalid(
        'isolation', 'must be read committed: begin the transaction without repeatable read or serializable'
    ) where current_setting('transaction_isolation') not in ('read committed', 'read uncommitted');
    if v_is_kept then
        -- One run at a time: the next one begins where this one ends.
        insert into credits.job_claims (name, claimed_at) values ('reconcile', v_started) on conflict (name) do nothing;
        perform from credits.job_claims j where j.name = 'reconcile' for update;
    end if;
    -- What a full run found to be off stays off until a full run finds nothing.
    -- Where accounts are spread no snapshot is of all of them, so nothing is verified for good.
    if p_scope = 'new' and not v_spread
        and (select clean from credits.reconciliations where scope = 'full' order by id desc limit 1)
    then
        v_scope := 'new';
    end if;
    if not v_is_kept then
        return query
            select c.*, v_scope
            from credits._run_checks(
                case v_scope when 'new' then (
                    select coalesce(array_agg(n)::text, '{}') from credits.changed_accounts n
                ) end,
                p_check_name
            ) c;
        return;
    end if;
    v_id := credits._id_after(
        (select r.id from credits.reconciliations r order by r.id desc limit 1), credits._new_id()
    );
    if v_spread then
        select h.total into v_held from credits.holdings h;
        return query
            with checked as materialized (
                select * from credits._run_checks(null, null)
            ),
            run as (
                insert into credits.reconciliations (id, scope, started_at, finished_at, clean, credits_held, details)
                select
                    v_id, v_scope, v_started, credits._now(), bool_and(c.discrepancies = 0), v_held,
                    jsonb_object_agg(c.check_name, to_jsonb(c) - '{check_name, description, sample}'::text[])
                from checked c
            )
            select c.*, v_scope from checked c order by c.check_name;
        return;
    end if;

    -- One statement, hence one snapshot: where an account is taken to be verified is exactly what the checks have seen.
    return query
    with changed as materialized (
        select * from credits.changed_accounts
    ),
    checked as materialized (
        select *
        from credits._run_checks(
            case v_scope when 'new' then (select coalesce(array_agg(c)::text, '{}') from changed c) end, null
        )
    ),
    -- An erasure since the snapshot has put a pseudonym in the place of the id. One that comes now waits.
    found as materialized (
        select s.account_id, s.kind
        from changed s
        join credits.accounts a using (account_id, kind)
        for key share of a skip locked
    ),
    run as (
        insert into credits.reconciliations (id, scope, started_at, finished_at, clean, credits_held, details)
        select
            v_id, v_scope, v_started, credits._now(), c.clean,
            g.credits
                + coalesce((select sum(r.owned) from credits.reconciled_accounts r), 0)
                + coalesce((select sum(s.got) from changed s), 0)
                - coalesce(l.credits, 0),
            c.details
        from (
            select
                bool_and(k.discrepancies = 0) as clean,
                jsonb_object_agg(k.check_name, to_jsonb(k) - '{check_name, description, sample}'::text[]) as details
            from checked k
        ) c
        cross join credits.unclaimed_gifts g
        -- Whoever is left out is looked at again by the next run, from where the last one came to.
        cross join lateral (
            select sum(o.credits) as credits
            from changed s
            cross join lateral (
                select sum(e.amount) as credits
                from credits.entries e
                where e.account_id = s.account_id and e.kind = s.kind and e.sequence > s.verified
                    and e.type not in ('gift', 'guild_funding', 'funding')
            ) o
            where c.clean and (s.account_id, s.kind) not in (select f.account_id, f.kind from found f)
        ) l
        returning clean
    ),
    verified as (
        insert into credits.reconciled_accounts as r (
            account_id, kind, sequence, id, owned, number, total_spent, sealed
        )
        select s.account_id, s.kind, s.sequence, s.id, s.owned, s.number, s.total_spent, s.last_sealed
        from changed s
        join found using (account_id, kind)
        cross join run
        where run.clean
        on conflict (account_id, kind) do update
            set
                sequence = excluded.sequence, id = excluded.id, owned = excluded.owned, number = excluded.number,
                total_spent = excluded.total_spent, sealed = excluded.sealed
            where (r.sequence, r.sealed) is distinct from (excluded.sequence, excluded.sealed)
    )
    select c.*, v_scope from checked c order by c.check_name;
end
$$;

comment on function credits.reconcile(text, text) is
'Runs every check of the books, or the one named p_check_name. A row each has the number of discrepancies (0 when all is
well), up to five of them, and the time. p_scope is full for all there is, or new for what is newer than the last clean
run. New becomes full where no full run is known to be clean. A run of all checks is kept in credits.reconciliations,
and a clean one moves the place where the next begins.
Errors: UC001 invalid_request.
Idempotency: any number of runs. Nothing but their record is written, and nothing at all for a single check, on a
standby or in a read-only transaction.
Locks: runs wait for each other; an erasure waits for the end of one, nobody else.';
