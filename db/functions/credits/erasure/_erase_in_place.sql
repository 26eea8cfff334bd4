create or replace function credits._erase_in_place(
    p_place text,
    p_parts text[],
    p_user_id text,
    p_pseudonym text,
    p_purchases uuid[] default null,
    p_pools text[] default null,
    p_addresses bytea[] default null
) returns integer
language plpgsql
as $$
declare
    v_spread constant boolean := (select s.spread from credits.settings s);
    v_change record;
    v_shard bigint;
    v_rows integer;
    v_total integer := 0;
begin
    if v_spread then
        perform set_config('citus.enable_manual_changes_to_shards', 'on', true);
    end if;
    -- $1 is the place, $2 the person, $3 the pseudonym. Limits go before the history, in which that is noted.
    for v_change in
        select c.name::regclass as relation, c.rows, c.changes
        from (
            values
            ('person', 'credits.stripe_customers', 'user_id = $2', null),
            ('person', 'credits.known_addresses', 'user_id = $2 and address_hash = any ($6)', null),
            ('person', 'credits.purchases', 'user_id = $2 and id = any ($4)', $sql$
                user_id = $3, stripe_customer_id = null, failure_reason = null, metadata = '{}', idempotency_key = null,
                request_digest = null
            $sql$),
            ('person', 'credits.purchase_disputes', 'user_id = $2 and purchase_id = any ($4)', 'user_id = $3'),
            ('person', 'credits.members', 'user_id = $2 and organization_id = any ($5)', 'user_id = $3'),
            ('account', 'credits.spending_limits', $sql$account_id = $2 and kind = 'person'$sql$, null),
            ('account', 'credits.accounts', $sql$account_id = $2 and kind = 'person'$sql$, $sql$
                account_id = $3, frozen_reason = case when frozen_at is not null then '' end, limited = false,
                has_tombstones = false
            $sql$),
            ('account', 'credits.entries', $sql$account_id = $2 and kind = 'person'$sql$, $sql$
                account_id = $3, description = '', metadata = '{}', idempotency_key = null, request_id = null,
                reference_id = case when type <> 'grant' or reference_id = 'opening' then reference_id end
            $sql$),
            ('account', 'credits.admin_actions', 'account_id = $2', $sql$
                account_id = $3, reason = '', idempotency_key = null, request_id = null
            $sql$),
            ('account', 'credits.seals', $sql$account_id = $2 and kind = 'person'$sql$, 'account_id = $3'),
            ('account', 'credits.reconciled_accounts', $sql$
                account_id = $2 and kind = 'person'
            $sql$, 'account_id = $3'),
            ('account', 'credits.rule_history', $sql$
                account_id = $2 and table_name = 'spending_limits' and coalesce(after, before) ->> 'kind' = 'person'
            $sql$, 'account_id = $3'),
            ('account', 'credits.usage_folds', 'user_id = $2', 'user_id = $3'),
            ('account', 'credits.usage_marks', 'user_id = $2', 'user_id = $3'),
            ('account', 'credits.lots', 'account_id = $2', 'account_id = $3'),
            ('account', 'credits.lot_movements', 'account_id = $2', 'account_id = $3'),
            ('account', 'credits.reservations', $sql$account_id = $2 and kind = 'person'$sql$, $sql$
                account_id = $3, user_id = $3, reason = ''
            $sql$),
            ('pool', 'credits.entries', $sql$account_id = $1 and kind = 'pool' and other_id = $2$sql$, $sql$
                other_id = $3, description = '', metadata = '{}', idempotency_key = null, request_id = null
            $sql$),
            ('pool', 'credits.reservations', $sql$account_id = $1 and kind = 'pool' and user_id = $2$sql$, $sql$
                user_id = $3, reason = ''
            $sql$),
            ('place', 'credits.guild_spending_limits', 'organization_id = $1 and user_id = $2', null),
            ('place', 'credits.rule_history', $sql$
                account_id = $1 and subject_id = $2 and table_name = 'guild_spending_limits'
            $sql$, 'subject_id = $3'),
            ('place', 'credits.admin_actions', 'account_id = $1 and admin_id = $2', 'admin_id = $3'),
            ('place', 'gifts.gift_redemptions', $sql$
                code = $1 and redeemer_user_id = $2 and status <> 'success'
            $sql$, 'redeemer_user_id = $3'),
            ('gift', 'gifts.gift_redemptions', 'code = $1 and redeemer_user_id = $2', 'redeemer_user_id = $3'),
            ('gift', 'gifts.gift_codes', 'code = $1 and creator_id = $2', $sql$
                creator_id = $3, creator_name = null, message = null, target_hash = null, request_digest = '',
                riddle_question = case when riddle_question is not null then '' end,
                riddle_answer_hash = case when riddle_answer_hash is not null then '' end,
                target_email = case when target_email is not null then '' end,
                target_matrix_id = case when target_matrix_id is not null then '' end
            $sql$),
            ('gift for them', 'gifts.gift_codes', $sql$
                code = $1 and (target_email is not null or target_matrix_id is not null)
            $sql$, $sql$
                target_email = case when target_email is not null then $3 end, target_hash = null,
                target_matrix_id = case when target_matrix_id is not null then $3 end
            $sql$)
        ) as c (part, name, rows, changes)
        where c.part = any (p_parts)
    loop
        -- Where accounts are spread, in the shard that has the place's, on its machine alone: in it a key may change.
        v_shard := case when v_spread then credits._shard_of(v_change.relation, p_place) end;
        -- @plpgsql_check_options: security_warnings = false
        execute format(
            case when v_change.changes is null then 'delete from %s where %s' else 'update %s set %3$s where %2$s' end,
            concat_ws('_', v_change.relation, v_shard), v_change.rows, v_change.changes
        ) using p_place, p_user_id, p_pseudonym, p_purchases, p_pools, p_addresses;
        get diagnostics v_rows = row_count;
        -- No answer tells what limits there were, and what has been reconciled.
        if v_change.relation not in ('credits.reconciled_accounts'::regclass, 'credits.spending_limits'::regclass) then
            v_total := v_total + v_rows;
        end if;
    end loop;
    return v_total;
end
$$;

comment on function credits._erase_in_place is
'Puts a pseudonym in the place of a person in the rows of one place: their own account, a pool, another account or a
gift. Empties what they wrote. Returns how many rows it changed or removed. p_parts says which rows those are: of the
person, also of one without an account; of their account; of any other place; of a pool that they used; of a gift by
somebody with an account, or for a person. The caller has locked all of it. Runs on the place''s machine';
