create or replace function credits._check_here(p_check_name text) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_check text := rtrim(pg_get_viewdef(format('reconcile.%I', p_check_name)::regclass), ';');
    v_view regclass;
    v_parts jsonb;
    v_whole text;
    v_part text;
    v_query text;
    v_found jsonb;
    v_all jsonb := '[]';
begin
    -- What it reads through, by the name of a view, takes the view's place.
    loop
        select c.oid into v_view
        from pg_class c
        where c.relnamespace = 'credits'::regnamespace and c.relkind = 'v'
            and strpos(v_check, c.oid::regclass || ' ') > 0
        limit 1;
        exit when not found;
        v_check := replace(v_check, v_view || ' ', '(' || rtrim(pg_get_viewdef(v_view), ';') || ') ');
    end loop;
    for v_parts in execute format(
        $parts$
            select jsonb_object_agg(s.logicalrelid, format('%%s_%%s', s.logicalrelid, s.shardid))
            from %1$s s
            join %2$s t on t.logicalrelid = s.logicalrelid
            join %2$s a on a.logicalrelid = 'credits.accounts'::regclass and a.colocationid = t.colocationid
            join %3$s p on p.shardid = s.shardid
            join %4$s l on l.groupid = p.groupid
            group by s.shardminvalue
        $parts$,
        to_regclass('pg_catalog.pg_dist_shard'), to_regclass('pg_catalog.pg_dist_partition'),
        to_regclass('pg_catalog.pg_dist_placement'), to_regclass('pg_catalog.pg_dist_local_group')
    ) loop
        v_query := v_check;
        for v_whole, v_part in select n.key, n.value from jsonb_each_text(v_parts) n loop
            v_query := replace(v_query, v_whole || ' ', v_part || ' ');
        end loop;
        -- Made of a view of ours and the names of tables.
        -- @plpgsql_check_options: security_warnings = false
        execute 'select jsonb_agg(to_jsonb(off)) from (' || v_query || ') off' into v_found;
        v_all := v_all || coalesce(v_found, '[]');
    end loop;
    return v_all;
end
$$;

comment on function credits._check_here(text) is
'The findings of a check of the books where accounts are spread, in each part on this machine by itself. For checks that
look at no two accounts';
