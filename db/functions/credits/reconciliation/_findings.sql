create or replace function credits._findings(p_check_name text) returns setof jsonb
language plpgsql stable
rows 10
as $$
declare
    v_done boolean;
    v_result text;
begin
    -- These compare accounts, or look at the catalog.
    if p_check_name in (
        'credits_not_conserved', 'gifts_off_entries', 'payments_credited_twice', 'protection_off',
        'transfers_without_other_side'
    ) then
        return query execute format('select to_jsonb(off) from reconcile.%I off', p_check_name);
        return;
    end if;
    for v_done, v_result in execute format(
        'select success, result from %s($1)', to_regproc('pg_catalog.run_command_on_all_nodes')
    ) using format('select credits._check_here(%L)', p_check_name) loop
        if not v_done then
            raise exception '% cannot be checked: %', p_check_name, v_result;
        end if;
        return query select f.finding from jsonb_array_elements(v_result::jsonb) f (finding);
    end loop;
end
$$;

comment on function credits._findings(text) is
'The findings of a check of the books where accounts are spread. The machines look at their own accounts, all at once,
and no ledger is sent about';
