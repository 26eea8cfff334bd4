-- Makes the triggers that credits._triggers lists. One that is there already as it stands there is left alone, since making it again would lock its
-- table against a running service. One that somebody switched off, or on in other sessions than it should be, is switched back. One of ours, known
-- by its comment, that is not listed any more goes.

do $$
declare
    v_trigger record;
begin
    for v_trigger in
        select t.tgname as name, t.tgrelid::regclass as relation
        from pg_catalog.pg_trigger t
        join pg_catalog.pg_class c on c.oid = t.tgrelid
        where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and not t.tgisinternal
            and obj_description(t.oid, 'pg_trigger') like '% execute function %'
            and not exists (select from credits._triggers l where to_regclass(l.relation) = t.tgrelid and l.name = t.tgname)
    loop
        execute format('drop trigger %I on %s', v_trigger.name, v_trigger.relation);
    end loop;
    for v_trigger in select * from credits._triggers where fault is not null loop
        if v_trigger.fault = 'changed' then
            execute format('drop trigger %I on %s', v_trigger.name, v_trigger.relation);
        end if;
        if v_trigger.fault in ('missing', 'changed') then
            execute format(
                'create %s trigger %I %s on %s %s',
                case when v_trigger.action like 'deferrable%' then 'constraint' else '' end,
                v_trigger.name, v_trigger.timing, v_trigger.relation, v_trigger.action
            );
            execute format('comment on trigger %I on %s is %L', v_trigger.name, v_trigger.relation, v_trigger.definition);
        end if;
        execute format(
            'alter table %s enable %s trigger %I',
            v_trigger.relation, case v_trigger.enabled when 'A' then 'always' else '' end, v_trigger.name
        );
    end loop;
end
$$;
