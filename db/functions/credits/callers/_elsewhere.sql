create or replace function credits._elsewhere(p_account_ids text[]) returns integer[]
language plpgsql stable
as $$
declare
    v_machines integer[];
begin
    if (select s.spread from credits.settings s) then
        execute format(
            $query$
                select array_agg(nullif(p.groupid, l.groupid) order by i.item)
                from unnest($1) with ordinality as i (account_id, item)
                join %s p on p.shardid = credits._shard_of('credits.accounts', i.account_id)
                cross join %s l
            $query$,
            to_regclass('pg_catalog.pg_dist_placement'), to_regclass('pg_catalog.pg_dist_local_group')
        ) into v_machines using p_account_ids;
    end if;
    return v_machines;
end
$$;

comment on function credits._elsewhere(text[]) is
'The machine of each account, null for those on this one, and null where accounts are not spread. It is only sure of
accounts that are held in their place';
