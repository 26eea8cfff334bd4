create or replace function credits._is_here(p_account_id text) returns boolean
language plpgsql stable
as $$
begin
    if not (select s.spread from credits.settings s) then
        return true;
    end if;
    return exists (
        select p.shardid
        from pg_dist_placement p
        cross join pg_dist_local_group l
        where p.shardid = get_shard_id_for_distribution_column('credits.accounts', p_account_id) and p.groupid = l.groupid
    );
end
$$;

comment on function credits._is_here(text) is
    'Whether an account lies on this machine: of what happens on all of them at once, as the change of a row that each has, one takes note';
