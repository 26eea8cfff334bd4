create or replace function credits._rename_account(p_user_id text, p_pseudonym text) returns integer
language plpgsql
as $$
declare
    v_rows integer;
    v_total integer := 0;
begin
    if (credits._opening(p_user_id, 'person')).id is not null then
        insert into credits.erased_after_import (user_hash)
        select credits._address_hash(p_user_id, k.key) from credits.address_key k
        on conflict do nothing;
    end if;
    update credits.accounts
    set account_id = p_pseudonym, frozen_reason = case when frozen_at is not null then '' end, limited = false
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
    'Puts a pseudonym in the place of the id in all rows of a person''s account, which the caller has locked, and empties what they wrote; returns how many rows';
