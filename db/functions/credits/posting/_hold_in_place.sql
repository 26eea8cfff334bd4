create or replace function credits._hold_in_place(p_key text) returns void
language plpgsql
as $$
begin
    -- Citus is not everywhere, nor is everything spread where it is.
    if to_regproc('pg_catalog.lock_shard_metadata') is not null then
        if (select s.spread from credits.settings s) then
            -- 5 is SHARE: it waits for a move, and a move waits for it.
            execute format('select %s(5, array[$1])', to_regproc('pg_catalog.lock_shard_metadata'))
            using credits._shard_of('credits.accounts', p_key);
        end if;
    end if;
end
$$;

comment on function credits._hold_in_place is
'Keeps the part of an account or gift on its machine until the transaction ends, where accounts are spread. It comes
before the first look. A call that has looked, and waits for a move at its first write, would write to the machine that
the part has left. That write is lost';
