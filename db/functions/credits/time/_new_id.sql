-- Native from PostgreSQL 18 on. Below, the same shape: 48 bits of milliseconds, 12 of their fraction, the rest random.
do $do$
begin
    if current_setting('server_version_num')::integer >= 180000 then
        execute $sql$
            create or replace function credits._new_id() returns uuid
            language sql volatile parallel safe
            as 'select pg_catalog.uuidv7()'
        $sql$;
    else
        execute $sql$
            create or replace function credits._new_id() returns uuid
            language plpgsql volatile parallel safe
            set search_path = pg_catalog, pg_temp
            as $body$
            declare
                v_microseconds bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
                v_time text := lpad(to_hex(v_microseconds / 1000), 12, '0');
                v_fraction text := lpad(to_hex((v_microseconds % 1000) * 4096 / 1000), 3, '0');
            begin
                return (v_time || '7' || v_fraction || substr(replace(gen_random_uuid()::text, '-', ''), 17))::uuid;
            end
            $body$
        $sql$;
    end if;
end
$do$;

comment on function credits._new_id is 'A time-ordered id: UUID version 7';
