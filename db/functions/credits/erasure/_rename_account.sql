create or replace function credits._rename_account(p_user_id text, p_pseudonym text) returns integer
language plpgsql
as $$
declare
    v_rows integer;
    v_total integer;
begin
    execute format(
        $update$
            update %s
            set
                account_id = $2, frozen_reason = case when frozen_at is not null then '' end, limited = false,
                has_tombstones = false
            where account_id = $1 and kind = 'person'
        $update$,
        credits._part('credits.accounts', p_user_id)
    ) using p_user_id, p_pseudonym;
    get diagnostics v_total = row_count;
    delete from credits.spending_limits where account_id = p_user_id and kind = 'person';
    execute format(
        $update$
            update %s
            set account_id = $2
            where account_id = $1 and table_name = 'spending_limits' and coalesce(after, before) ->> 'kind' = 'person'
        $update$,
        credits._part('credits.rule_history', p_user_id)
    ) using p_user_id, p_pseudonym;
    execute format(
        $update$
            update %s
            set
                account_id = $2,
                description = '',
                metadata = '{}',
                idempotency_key = null,
                request_id = null,
                reference_id = case when type <> 'grant' or reference_id = 'opening' then reference_id end
            where account_id = $1 and kind = 'person'
        $update$,
        credits._part('credits.entries', p_user_id)
    ) using p_user_id, p_pseudonym;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    execute format(
        $update$update %s set account_id = $2, reason = '', idempotency_key = null, request_id = null where account_id = $1$update$,
        credits._part('credits.admin_actions', p_user_id)
    ) using p_user_id, p_pseudonym;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    execute format(
        $update$update %s set account_id = $2 where account_id = $1 and kind = 'person'$update$,
        credits._part('credits.seals', p_user_id)
    ) using p_user_id, p_pseudonym;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    execute format(
        $update$update %s set account_id = $2 where account_id = $1 and kind = 'person'$update$,
        credits._part('credits.reconciled_accounts', p_user_id)
    ) using p_user_id, p_pseudonym;
    execute format('update %s set user_id = $2 where user_id = $1', credits._part('credits.usage_folds', p_user_id))
    using p_user_id, p_pseudonym;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    execute format('update %s set user_id = $2 where user_id = $1', credits._part('credits.usage_marks', p_user_id))
    using p_user_id, p_pseudonym;
    execute format('update %s set account_id = $2 where account_id = $1', credits._part('credits.lots', p_user_id))
    using p_user_id, p_pseudonym;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    execute format('update %s set account_id = $2 where account_id = $1', credits._part('credits.lot_movements', p_user_id))
    using p_user_id, p_pseudonym;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    execute format(
        $update$update %s set account_id = $2, user_id = $2, reason = '' where account_id = $1 and kind = 'person'$update$,
        credits._part('credits.reservations', p_user_id)
    ) using p_user_id, p_pseudonym;
    get diagnostics v_rows = row_count;
    return v_total + v_rows;
end
$$;

comment on function credits._rename_account(text, text) is
    'Puts a pseudonym in the place of the id in all rows of a person''s account, which the caller has locked, and empties what they wrote; returns how many rows. Runs on the account''s machine';
