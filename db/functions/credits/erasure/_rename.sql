create or replace function credits._rename(p_user_id text, p_pseudonym text, p_what text, p_among text[] default null) returns integer
language plpgsql
as $$
declare
    v_spread constant boolean := (select s.spread from credits.settings s);
    v_table record;
    v_rows integer;
    v_total integer := 0;
begin
    if v_spread then
        perform set_config('citus.enable_manual_changes_to_shards', 'on', true);
    end if;
    for v_table in
        select t.name::regclass as relation, t.is_counted, t.rows, t.changes
        from (
            values
            ('account', 'credits.accounts', true, $sql$account_id = $1 and kind = 'person'$sql$, $sql$
                account_id = $2, frozen_reason = case when frozen_at is not null then '' end, limited = false, has_tombstones = false
            $sql$),
            ('account', 'credits.entries', true, $sql$account_id = $1 and kind = 'person'$sql$, $sql$
                account_id = $2, description = '', metadata = '{}', idempotency_key = null, request_id = null,
                reference_id = case when type <> 'grant' or reference_id = 'opening' then reference_id end
            $sql$),
            ('account', 'credits.admin_actions', true, 'account_id = $1', $sql$
                account_id = $2, reason = '', idempotency_key = null, request_id = null
            $sql$),
            ('account', 'credits.seals', true, $sql$account_id = $1 and kind = 'person'$sql$, 'account_id = $2'),
            ('account', 'credits.reconciled_accounts', false, $sql$account_id = $1 and kind = 'person'$sql$, 'account_id = $2'),
            ('account', 'credits.rule_history', false, $sql$
                account_id = $1 and table_name = 'spending_limits' and coalesce(after, before) ->> 'kind' = 'person'
            $sql$, 'account_id = $2'),
            ('account', 'credits.usage_folds', true, 'user_id = $1', 'user_id = $2'),
            ('account', 'credits.usage_marks', false, 'user_id = $1', 'user_id = $2'),
            ('account', 'credits.lots', true, 'account_id = $1', 'account_id = $2'),
            ('account', 'credits.lot_movements', true, 'account_id = $1', 'account_id = $2'),
            ('account', 'credits.reservations', true, $sql$account_id = $1 and kind = 'person'$sql$, $sql$
                account_id = $2, user_id = $2, reason = ''
            $sql$),
            ('purchases', 'credits.purchases', true, 'user_id = $1 and id = any ($3::uuid[])', $sql$
                user_id = $2, stripe_customer_id = null, failure_reason = null, metadata = '{}', idempotency_key = null, request_digest = null
            $sql$),
            ('purchases', 'credits.purchase_disputes', true, 'user_id = $1 and purchase_id = any ($3::uuid[])', 'user_id = $2'),
            ('pools', 'credits.members', true, 'user_id = $1 and organization_id = any ($3)', 'user_id = $2')
        ) as t (what, name, is_counted, rows, changes)
        where t.what = p_what
    loop
        -- Where accounts are spread, in the part that has the person's, on its machine alone: there their key may be another one.
        -- @plpgsql_check_options: security_warnings = false
        execute format(
            'update %s set %s where %s',
            v_table.relation || case when v_spread then '_' || credits._shard_of(v_table.relation, p_user_id) else '' end,
            v_table.changes, v_table.rows
        ) using p_user_id, p_pseudonym, p_among;
        get diagnostics v_rows = row_count;
        v_total := v_total + case when v_table.is_counted then v_rows else 0 end;
    end loop;
    return v_total;
end
$$;

comment on function credits._rename is
    'Puts a pseudonym in the place of the id in all rows of a person''s account, which the caller has locked, in the purchases p_among, which it has locked too, or where it says that they used the pools p_among. '
    'Empties what they wrote, and returns how many rows. Runs on the account''s machine';
