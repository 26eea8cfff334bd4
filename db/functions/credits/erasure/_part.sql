create or replace function credits._part(p_table regclass, p_key text) returns regclass
language plpgsql
as $$
begin
    if not (select s.spread from credits.settings s) then
        return p_table;
    end if;
    perform set_config('citus.enable_manual_changes_to_shards', 'on', true);
    return format('%s_%s', p_table, credits._shard_of(p_table, p_key));
end
$$;

comment on function credits._part(regclass, text) is
    'The table in which rows with a key can get another key of the same part: the table itself or, where accounts are spread, the part of it that has them, on its machine alone';
