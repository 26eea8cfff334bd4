create or replace function credits.reconcile(p_check_name text default null)
returns table (check_name text, description text, discrepancies bigint, milliseconds numeric, sample jsonb)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_view record;
    v_started timestamptz;
begin
    for v_view in
        select c.relname as name, obj_description(c.oid) as description
        from pg_class c
        where c.relnamespace = 'reconcile'::regnamespace
            and c.relkind = 'v'
            and (p_check_name is null or c.relname = p_check_name)
        order by c.relname
    loop
        v_started := clock_timestamp();
        check_name := v_view.name;
        description := v_view.description;
        execute format(
            'select count(*), jsonb_agg(to_jsonb(off) - ''place'') filter (where place <= 5)
             from (select *, row_number() over () as place from reconcile.%I) off',
            v_view.name
        ) into discrepancies, sample;
        milliseconds := round((extract(epoch from clock_timestamp() - v_started) * 1000)::numeric, 1);
        return next;
    end loop;
end
$$;

comment on function credits.reconcile(text) is
'Runs every view of the schema reconcile, or the one named p_check_name: one row each, with the number of discrepancies (0 when all is well), the time it took and up to five of them.
Errors: none.
Idempotency: reads only.
Locks: none.';
