create or replace function credits._rename_account(p_user_id text, p_pseudonym text) returns integer
language plpgsql
as $$
declare
    v_rows integer;
    v_total integer := 0;
    v_frozen boolean;
begin
    perform credits._bury(p_user_id, 'person', array(
        select m.mark
        from credits.entries e
        cross join lateral (
            values
                ('key:' || e.idempotency_key),
                (case when e.type = 'grant' or (e.type = 'gift' and e.amount > 0 and not e.reversal) then e.type || ':' || e.reference_id end)
        ) m (mark)
        where e.account_id = p_user_id and e.kind = 'person' and m.mark is not null
        union all
        select 'key:' || a.idempotency_key from credits.admin_actions a where a.account_id = p_user_id and a.idempotency_key is not null
    ));
    select a.frozen_at is not null into v_frozen from credits.accounts a where a.account_id = p_user_id and a.kind = 'person';
    perform credits._bury(p_user_id, 'person', array['frozen'], v_frozen);
    update credits.accounts
    set
        account_id = p_pseudonym, frozen_reason = case when frozen_at is not null then '' end, limited = false,
        has_tombstones = false
    where account_id = p_user_id and kind = 'person';
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    delete from credits.spending_limits where account_id = p_user_id and kind = 'person';
    update credits.rule_history
    set account_id = p_pseudonym
    where account_id = p_user_id and table_name = 'spending_limits' and coalesce(after, before) ->> 'kind' = 'person';
    update credits.entries
    set
        account_id = p_pseudonym,
        description = '',
        metadata = '{}',
        idempotency_key = null,
        request_id = null,
        reference_id = case when type <> 'grant' or reference_id = 'opening' then reference_id end
    where account_id = p_user_id and kind = 'person';
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.admin_actions set account_id = p_pseudonym, reason = '', idempotency_key = null, request_id = null
    where account_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.seals set account_id = p_pseudonym where account_id = p_user_id and kind = 'person';
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.reconciled_accounts set account_id = p_pseudonym where account_id = p_user_id and kind = 'person';
    update credits.usage_folds set user_id = p_pseudonym where user_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.usage_marks set user_id = p_pseudonym where user_id = p_user_id;
    update credits.lots set account_id = p_pseudonym where account_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.lot_movements set account_id = p_pseudonym where account_id = p_user_id;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    update credits.reservations set account_id = p_pseudonym, user_id = p_pseudonym, reason = ''
    where account_id = p_user_id and kind = 'person';
    get diagnostics v_rows = row_count;
    return v_total + v_rows;
end
$$;

comment on function credits._rename_account(text, text) is
    'Puts a pseudonym in the place of the id in all rows of a person''s account, which the caller has locked, and empties what they wrote, of which tombstones are kept; returns how many rows';
