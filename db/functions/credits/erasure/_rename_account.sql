create or replace function credits._rename_account(p_user_id text, p_pseudonym text) returns integer
language plpgsql
as $$
declare
    v_part record;
    v_rows integer;
    v_total integer := 0;
begin
    delete from credits.spending_limits where account_id = p_user_id and kind = 'person';
    for v_part in
        select *
        from (
            values
                (
                    'credits.accounts',
                    $set$account_id = $2, frozen_reason = case when frozen_at is not null then '' end, limited = false,
                    has_tombstones = false$set$,
                    $where$account_id = $1 and kind = 'person'$where$, true
                ),
                (
                    'credits.entries',
                    $set$account_id = $2, description = '', metadata = '{}', idempotency_key = null, request_id = null,
                    reference_id = case when type <> 'grant' or reference_id = 'opening' then reference_id end$set$,
                    $where$account_id = $1 and kind = 'person'$where$, true
                ),
                ('credits.seals', 'account_id = $2', $where$account_id = $1 and kind = 'person'$where$, true),
                ('credits.usage_folds', 'user_id = $2', 'user_id = $1', true),
                ('credits.lots', 'account_id = $2', 'account_id = $1', true),
                ('credits.lot_movements', 'account_id = $2', 'account_id = $1', true),
                (
                    'credits.reservations', $set$account_id = $2, user_id = $2, reason = ''$set$,
                    $where$account_id = $1 and kind = 'person'$where$, true
                ),
                -- Nobody's rows, which are not counted.
                (
                    'credits.rule_history', 'account_id = $2',
                    $where$account_id = $1 and table_name = 'spending_limits' and coalesce(after, before) ->> 'kind' = 'person'$where$,
                    false
                ),
                ('credits.reconciled_accounts', 'account_id = $2', $where$account_id = $1 and kind = 'person'$where$, false),
                ('credits.usage_marks', 'user_id = $2', 'user_id = $1', false)
        ) v (name, changes, rows, counted)
    loop
        execute format('update %s set %s where %s', credits._part(v_part.name, p_user_id), v_part.changes, v_part.rows)
        using p_user_id, p_pseudonym;
        get diagnostics v_rows = row_count;
        if v_part.counted then
            v_total := v_total + v_rows;
        end if;
    end loop;
    return v_total;
end
$$;

comment on function credits._rename_account(text, text) is
    'Puts a pseudonym in the place of the id in all rows of a person''s account, which the caller has locked, and empties what they wrote; returns how many rows. Runs on the account''s machine';
