create or replace function credits._go_in_line() returns void
language plpgsql
as $$
begin
    if (select s.spread from credits.settings s) then
        perform set_config('citus.multi_shard_modify_mode', 'sequential', true);
        perform set_config('citus.max_adaptive_executor_pool_size', '1', true);
    end if;
end
$$;

comment on function credits._go_in_line is
'Where accounts are spread, has the transaction use one connection to each machine. With several, what looks at all
accounts and changes many would wait for itself';
