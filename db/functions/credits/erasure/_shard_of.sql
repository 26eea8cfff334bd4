create or replace function credits._shard_of(p_table regclass, p_key text) returns bigint
language plpgsql stable
as $$
declare
    v_shard bigint;
begin
    -- Citus is not everywhere. What is missing has the place of an empty text, and is refused there.
    execute format('select %s($1, $2)', to_regproc('pg_catalog.get_shard_id_for_distribution_column'))
    into v_shard using p_table, coalesce(p_key, '');
    return v_shard;
end
$$;

comment on function credits._shard_of is 'The part of a table in which rows with a key lie, where accounts are spread';
