create or replace function credits._rename(
    p_user_id text, p_pseudonym text, p_has_account boolean, p_purchases uuid[], p_pools text[]
) returns integer
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
        select t.name::regclass as relation, t.rows, t.changes
        from (
            values
            (true, 'credits.accounts', $sql$account_id = $1 and kind = 'person'$sql$, $sql$
                account_id = $2, frozen_reason = case when frozen_at is not null then '' end, limited = false,
                has_tombstones = false
            $sql$),
            (true, 'credits.entries', $sql$account_id = $1 and kind = 'person'$sql$, $sql$
                account_id = $2, description = '', metadata = '{}', idempotency_key = null, request_id = null,
                reference_id = case when type <> 'grant' or reference_id = 'opening' then reference_id end
            $sql$),
            (true, 'credits.admin_actions', 'account_id = $1', $sql$
                account_id = $2, reason = '', idempotency_key = null, request_id = null
            $sql$),
            (true, 'credits.seals', $sql$account_id = $1 and kind = 'person'$sql$, 'account_id = $2'),
            (true, 'credits.reconciled_accounts', $sql$account_id = $1 and kind = 'person'$sql$, 'account_id = $2'),
            (true, 'credits.rule_history', $sql$
                account_id = $1 and table_name = 'spending_limits' and coalesce(after, before) ->> 'kind' = 'person'
            $sql$, 'account_id = $2'),
            (true, 'credits.usage_folds', 'user_id = $1', 'user_id = $2'),
            (true, 'credits.usage_marks', 'user_id = $1', 'user_id = $2'),
            (true, 'credits.lots', 'account_id = $1', 'account_id = $2'),
            (true, 'credits.lot_movements', 'account_id = $1', 'account_id = $2'),
            (true, 'credits.reservations', $sql$account_id = $1 and kind = 'person'$sql$, $sql$
                account_id = $2, user_id = $2, reason = ''
            $sql$),
            (false, 'credits.purchases', 'user_id = $1 and id = any ($3)', $sql$
                user_id = $2, stripe_customer_id = null, failure_reason = null, metadata = '{}', idempotency_key = null,
                request_digest = null
            $sql$),
            (false, 'credits.purchase_disputes', 'user_id = $1 and purchase_id = any ($3)', 'user_id = $2'),
            (false, 'credits.members', 'user_id = $1 and organization_id = any ($4)', 'user_id = $2')
        ) as t (is_of_account, name, rows, changes)
        where p_has_account or not t.is_of_account
    loop
        -- Where accounts are spread, in the part that has the person's, on its machine alone: in it a key may change.
        -- @plpgsql_check_options: security_warnings = false
        execute format(
            'update %s set %s where %s',
            concat_ws('_', v_table.relation, case when v_spread then credits._shard_of(v_table.relation, p_user_id) end),
            v_table.changes, v_table.rows
        ) using p_user_id, p_pseudonym, p_purchases, p_pools;
        get diagnostics v_rows = row_count;
        -- No answer tells what has been reconciled.
        if v_table.relation <> 'credits.reconciled_accounts'::regclass then
            v_total := v_total + v_rows;
        end if;
    end loop;
    return v_total;
end
$$;

comment on function credits._rename is
'Puts a pseudonym in the place of the id in all rows of a person''s account, if they have one, in these purchases, and
where it says that they used these pools. The caller has locked all of it. Empties what they wrote, and returns how many
rows. Runs on the account''s machine';
