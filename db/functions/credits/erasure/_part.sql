create or replace function credits._part(p_table text, p_key text) returns text
language plpgsql
as $$
begin
    if not (select s.spread from credits.settings s) then
        return p_table;
    end if;
    perform set_config('citus.enable_manual_changes_to_shards', 'on', true);
    return format('%s_%s', p_table, get_shard_id_for_distribution_column(p_table::regclass, p_key));
end
$$;

comment on function credits._part(text, text) is
    'The table in which rows with a key can get another key of the same part: the table itself or, where accounts are spread, the part of it that has them, on its machine alone';
