create or replace function credits._is_here(p_account_id text) returns boolean
language plpgsql stable
as $$
declare
    v_here boolean := true;
begin
    if (select s.spread from credits.settings s) then
        execute format(
            'select exists (select from %s p join %s l on l.groupid = p.groupid where p.shardid = $1)',
            to_regclass('pg_catalog.pg_dist_placement'), to_regclass('pg_catalog.pg_dist_local_group')
        ) into v_here using credits._shard_of('credits.accounts', p_account_id);
    end if;
    return v_here;
end
$$;

comment on function credits._is_here is
    'True if an account lies on this machine. A change of a row that each machine has happens on all at once, and one '
    'of them takes note';
