create or replace function credits._run_checks(p_changed text, p_check_name text)
returns table (check_name text, description text, discrepancies bigint, milliseconds numeric, sample jsonb)
language plpgsql stable
rows 50
as $$
declare
    v_started timestamptz;
    v_found jsonb[];
    v_spread constant boolean := (select s.spread from credits.settings s);
begin
    perform set_config('credits.reconciliation', coalesce(p_changed, ''), true);
    if p_check_name is null then
        raise notice 'checking %',
            case when p_changed is null then 'everything' else 'what is new since the last clean run' end;
    end if;
    for check_name, description in
        select c.relname, obj_description(c.oid, 'pg_class')
        from pg_class c
        where c.relnamespace = 'reconcile'::regnamespace
            and c.relkind = 'v'
            and (p_check_name is null or c.relname = p_check_name)
        order by c.relname
    loop
        v_started := credits._now();
        if v_spread then
            v_found := array(select f from credits._findings(check_name) f);
            if v_found <> '{}' then
                -- No snapshot is of all machines: half of a movement may have been seen. Only what stays is a finding.
                perform pg_sleep(1);
                v_found := array(select f from credits._findings(check_name) f where f = any (v_found));
            end if;
            discrepancies := cardinality(v_found);
            select jsonb_agg(f.finding) into sample from unnest(v_found[:5]) f (finding);
        else
            execute format(
                'select count(*), jsonb_agg(to_jsonb(off) - ''place'') filter (where place <= 5)
                 from (select *, row_number() over () as place from reconcile.%I) off',
                check_name
            ) into discrepancies, sample;
        end if;
        milliseconds := round((extract(epoch from credits._now() - v_started) * 1000)::numeric, 1);
        raise notice '% % % s',
            rpad(check_name, 36),
            lpad(case discrepancies when 0 then 'clean' else discrepancies || ' off' end, 10),
            lpad((milliseconds / 1000)::numeric(12, 2)::text, 9);
        return next;
    end loop;
    -- Whoever reads a view afterwards sees all of it again.
    perform set_config('credits.reconciliation', '', true);
end
$$;

comment on function credits._run_checks(text, text) is
'Runs every view of the schema reconcile, or the one of that name, on the snapshot of the calling statement. They look
at what came since the last clean run in p_changed, an array of rows of credits.changed_accounts, as text; or at
everything if that is null. Each result is also a notice, as soon as it is there';
