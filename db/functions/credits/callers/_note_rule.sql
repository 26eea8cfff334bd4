create or replace function credits._note_rule() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names constant text[] := array[
        'organization_id', 'account_id', 'app_id', 'user_id', 'caller', 'only_row', 'created_at', 'updated_at',
        'running_day', 'spent_that_day', 'spent_that_week', 'spent_that_month'
    ];
    v_old constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_new constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    v_row constant jsonb := coalesce(v_new, v_old);
    -- What holds for the whole database is noted under no account.
    v_account_id constant text := coalesce(v_row ->> 'organization_id', v_row ->> 'account_id', '');
begin
    -- A row that each machine has changes on all of them at once: the one that has the account takes note.
    if v_old - v_names is distinct from v_new - v_names and (credits._elsewhere(array[v_account_id]))[1] is null then
        insert into credits.rule_history (account_id, id, table_name, subject_id, before, after, created_at)
        values (
            v_account_id, credits._new_id(), tg_argv[0],
            coalesce(v_row ->> 'user_id', v_row ->> 'caller', v_row ->> 'app_id'),
            v_old - v_names, v_new - v_names, credits._now()
        );
    end if;
    return null;
end
$$;

comment on function credits._note_rule is
    'Trigger: keeps what a package, a limit, a cap or a setting was before a change and is after, with login and time';
