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
) returns setof credits.use_outcome
language plpgsql
rows 10
-- Or a batch of a few items has its statements planned anew each time.
set plan_cache_mode = force_generic_plan
as $$
declare
    v_shape constant text := credits._shape(p_account_ids);
    v_settings record;
    v_account_ids text[];
    v_amounts numeric[] := p_amounts;
    v_charges jsonb[];
    v_outcome credits.use_outcome;
    v_item integer;
begin
    -- In one statement: a small batch feels each.
    select s.spread, credits._check_batch(cardinality(p_account_ids), array[
        v_shape, credits._shape(p_app_ids), credits._shape(p_descriptions),
        case p_kind when 'pool' then credits._shape(p_member_ids) else v_shape end,
        coalesce(credits._shape(p_amounts), v_shape),
        coalesce(credits._shape(p_items), v_shape),
        coalesce(credits._shape(p_expected_amounts), v_shape),
        coalesce(credits._shape(p_idempotency_keys), v_shape),
        coalesce(credits._shape(p_metadata), v_shape),
        coalesce(credits._shape(p_request_ids), v_shape)
    ])
    into v_settings
    from credits.settings s;
    if v_settings.spread then
        return query
        select o.*
        from (
            select array_agg(row(i.*)::credits.use_request) as requests
            from unnest(
                p_account_ids, p_member_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata,
                p_items, p_expected_amounts, p_request_ids
            ) i
        ) r
        cross join lateral credits._use_spread_batch(p_kind, r.requests, p_caller) o;
        return;
    end if;
    v_account_ids := credits._lock_accounts(p_account_ids, p_kind);
    if p_amounts is null or p_items is not null or p_expected_amounts is not null then
        select b.amounts, b.charges into v_amounts, v_charges
        from credits._price_batch(p_amounts, p_items, p_expected_amounts, cardinality(p_account_ids)) b;
    end if;
    for v_outcome in
        select
            i.item, null, null, null, null, p.id, p_account_ids[i.item], 'usage'::credits.entry_type,
            'completed'::credits.transaction_status, -v_amounts[i.item], p.available + p.reserved + v_amounts[i.item],
            p.available + p.reserved, p_app_ids[i.item], p_descriptions[i.item], coalesce(p_metadata[i.item], '{}'),
            p_idempotency_keys[i.item], p_member_ids[i.item], p.created_at, p.created_at, p.available,
            p.available + p.reserved + p.total_spent, p.total_spent, p.reserved, false,
            v_charges[i.item]
        from generate_series(1, cardinality(p_account_ids)) as i (item)
        left join credits._post_batch(
            p_kind, v_account_ids, p_member_ids, v_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata,
            p_request_ids,
            p_caller, v_charges
        ) p on p.item = i.item
        order by i.item
    loop
        if v_outcome.id is null then
            -- A retry, too few credits, something malformed or dated: decided like a single call.
            v_item := v_outcome.item;
            v_outcome := credits._use_item(
                p_kind, v_item,
                row(
                    p_account_ids[v_item], p_member_ids[v_item], p_amounts[v_item], p_app_ids[v_item],
                    p_descriptions[v_item], p_idempotency_keys[v_item], p_metadata[v_item], p_items[v_item],
                    p_expected_amounts[v_item], p_request_ids[v_item]
                ),
                p_caller, v_account_ids[v_item] is not null
            );
        end if;
        return next v_outcome;
    end loop;
end
$$;

comment on function credits._use_batch is
'Many debits of people, or of pools by their members: what credits.use_credits_batch and credits.use_guild_credits_batch
say of themselves. In its rows user_id is the account and guild_id the member of a pool';
