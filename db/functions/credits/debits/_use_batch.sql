create or replace function credits._use_batch(
    p_kind credits.account_kind,
    p_account_ids text[],
    p_member_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[],
    p_metadata jsonb[],
    p_items jsonb[],
    p_expected_amounts numeric[],
    p_request_ids text[],
    p_caller text
) returns credits.use_outcome[]
language plpgsql
-- Or a batch of a few items has its statements planned anew each time.
set plan_cache_mode = force_generic_plan
as $$
declare
    v_shape constant text := credits._shape(p_account_ids);
    v_settings record;
    v_account_ids text[];
    v_amounts numeric[] := p_amounts;
    v_charges jsonb[];
    v_entries credits.batched[];
    v_new credits.batched;
    v_outcomes credits.use_outcome[] := '{}';
begin
    -- In one statement: a small batch feels each.
    select s.spread, credits._check_batch(p_kind, cardinality(p_account_ids), array[
        v_shape,
        coalesce(credits._shape(p_member_ids), v_shape),
        coalesce(credits._shape(p_amounts), v_shape),
        coalesce(credits._shape(p_app_ids), v_shape),
        coalesce(credits._shape(p_descriptions), v_shape),
        coalesce(credits._shape(p_idempotency_keys), v_shape),
        coalesce(credits._shape(p_metadata), v_shape),
        coalesce(credits._shape(p_items), v_shape),
        coalesce(credits._shape(p_expected_amounts), v_shape),
        coalesce(credits._shape(p_request_ids), v_shape)
    ])
    into v_settings
    from credits.settings s;
    if v_settings.spread then
        return credits._use_spread_batch(
            p_kind,
            array(
                select row(i.*)::credits.use_request
                from unnest(
                    p_account_ids, p_member_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata,
                    p_items, p_expected_amounts, p_request_ids
                ) i
            ),
            p_caller
        );
    end if;
    v_account_ids := credits._lock_accounts(p_account_ids, p_kind);
    if p_amounts is null or p_items is not null or p_expected_amounts is not null then
        select b.amounts, b.charges into v_amounts, v_charges
        from credits._price_batch(p_amounts, p_items, p_expected_amounts, cardinality(p_account_ids)) b;
    end if;
    v_entries := credits._post_batch(
        p_kind, v_account_ids, p_member_ids, v_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata,
        p_request_ids, p_caller, v_charges
    );
    for v_item in 1..cardinality(p_account_ids) loop
        v_new := v_entries[v_item];
        if v_new.id is null then
            -- A retry, too few credits, something malformed or dated: decided like a single call.
            v_outcomes[v_item] := credits._use_item(
                p_kind, v_item,
                row(
                    p_account_ids[v_item], p_member_ids[v_item], p_amounts[v_item], p_app_ids[v_item],
                    p_descriptions[v_item], p_idempotency_keys[v_item], p_metadata[v_item], p_items[v_item],
                    p_expected_amounts[v_item], p_request_ids[v_item]
                ),
                p_caller, v_account_ids[v_item] is not null
            );
        else
            v_outcomes[v_item] := row(
                v_item, null, null, null, null, v_new.id, p_account_ids[v_item], 'usage', 'completed',
                -v_amounts[v_item], v_new.available + v_new.reserved + v_amounts[v_item],
                v_new.available + v_new.reserved, p_app_ids[v_item], p_descriptions[v_item],
                coalesce(p_metadata[v_item], '{}'), p_idempotency_keys[v_item], p_member_ids[v_item],
                v_new.created_at, v_new.created_at, v_new.available,
                v_new.available + v_new.reserved + v_new.total_spent, v_new.total_spent, v_new.reserved, false,
                v_charges[v_item]
            )::credits.use_outcome;
        end if;
    end loop;
    return v_outcomes;
end
$$;

comment on function credits._use_batch is
'Many debits of people, or of pools by their members: what credits.use_credits_batch and credits.use_guild_credits_batch
say of themselves. In its rows user_id is the account and guild_id the member of a pool';
