create or replace function credits.use_guild_credits_batch(
    p_organization_ids text[],
    p_user_ids text[],
    p_amounts numeric[] default null,
    p_app_ids text[] default null,
    p_descriptions text[] default null,
    p_idempotency_keys text[] default null,
    p_metadata jsonb[] default null,
    p_items jsonb[] default null,
    p_expected_amounts numeric[] default null,
    p_request_ids text[] default null,
    p_caller text default null
) returns setof credits.guild_use_outcome
language plpgsql security definer
rows 10
set search_path = pg_catalog, pg_temp
-- Or a batch of a few items has its statements planned anew each time.
set plan_cache_mode = force_generic_plan
as $$
declare
    v_account_ids text[];
    v_amounts numeric[] := p_amounts;
    v_charges jsonb[];
    v_outcome credits.guild_use_outcome;
    v_item integer;
    v_order integer[];
    v_outcomes credits.guild_use_outcome[] := '{}';
begin
    perform credits._check_batch(cardinality(p_organization_ids), array[
        credits._shape(p_organization_ids), credits._shape(p_user_ids), credits._shape(p_app_ids), credits._shape(p_descriptions),
        coalesce(credits._shape(p_amounts), credits._shape(p_organization_ids)),
        coalesce(credits._shape(p_items), credits._shape(p_organization_ids)),
        coalesce(credits._shape(p_expected_amounts), credits._shape(p_organization_ids)),
        coalesce(credits._shape(p_idempotency_keys), credits._shape(p_organization_ids)),
        coalesce(credits._shape(p_metadata), credits._shape(p_organization_ids)),
        coalesce(credits._shape(p_request_ids), credits._shape(p_organization_ids))
    ]);
    if (select s.spread from credits.settings s) then
        -- No plan is for all: it would not know the machine.
        perform set_config('plan_cache_mode', 'auto', true);
        v_order := array(select i.item from unnest(p_organization_ids) with ordinality as i (account_id, item) order by i.account_id, i.item);
        begin
            foreach v_item in array v_order loop
                perform credits._hold_in_place(p_organization_ids[v_item]);
                select v_item, null, null, null, null, m.*
                into v_outcome
                from credits.use_guild_credits(
                    p_organization_ids[v_item], p_user_ids[v_item], p_amounts[v_item], p_app_ids[v_item], p_descriptions[v_item], p_idempotency_keys[v_item],
                    coalesce(p_metadata[v_item], '{}'), p_items[v_item], p_expected_amounts[v_item], p_request_ids[v_item], p_caller
                ) m;
                v_outcomes[v_item] := v_outcome;
            end loop;
        exception when others then
            if sqlstate !~ '^UC' then
                raise;
            end if;
            -- One is refused: so each with a point of its own to go back to, which is a message to every machine.
            foreach v_item in array v_order loop
                v_outcomes[v_item] := credits._use_guild_item(
                    v_item, p_organization_ids[v_item], p_user_ids[v_item], p_amounts[v_item], p_app_ids[v_item], p_descriptions[v_item],
                    p_idempotency_keys[v_item], p_metadata[v_item], p_request_ids[v_item], p_caller, p_items[v_item],
                    p_expected_amounts[v_item]
                );
            end loop;
        end;
        return query select * from unnest(v_outcomes);
        return;
    end if;
    v_account_ids := credits._lock_accounts(p_organization_ids, 'pool');
    if p_amounts is null or p_items is not null or p_expected_amounts is not null then
        select b.amounts, b.charges into v_amounts, v_charges
        from credits._price_batch(p_amounts, p_items, p_expected_amounts, cardinality(p_organization_ids)) b;
    end if;
    for v_outcome in
        select
            i.item, null, null, null, null, p.id, p_organization_ids[i.item], p_user_ids[i.item], 'usage'::credits.entry_type,
            -v_amounts[i.item], p.available + p.reserved + v_amounts[i.item], p.available + p.reserved, p_app_ids[i.item],
            p_descriptions[i.item], coalesce(p_metadata[i.item], '{}'), p_idempotency_keys[i.item], p.created_at, p.available,
            p.available + p.reserved + p.total_spent, p.total_spent, p.reserved, false,
            v_charges[i.item]
        from generate_series(1, cardinality(p_organization_ids)) as i (item)
        left join credits._post_batch(
            'pool', v_account_ids, p_user_ids, v_amounts, p_app_ids, p_descriptions,
            p_idempotency_keys, p_metadata, p_request_ids, p_caller, v_charges
        ) p on p.item = i.item
        order by i.item
    loop
        if v_outcome.id is null then
            -- A retry, too few credits, something malformed or dated: decided like a single call.
            v_outcome := credits._use_guild_item(
                v_outcome.item, p_organization_ids[v_outcome.item], p_user_ids[v_outcome.item], p_amounts[v_outcome.item],
                p_app_ids[v_outcome.item], p_descriptions[v_outcome.item], p_idempotency_keys[v_outcome.item],
                p_metadata[v_outcome.item], p_request_ids[v_outcome.item], p_caller, p_items[v_outcome.item],
                p_expected_amounts[v_outcome.item]
            );
        end if;
        return next v_outcome;
    end loop;
end
$$;

comment on function credits.use_guild_credits_batch(text[], text[], numeric[], text[], text[], text[], jsonb[], jsonb[], numeric[], text[], text) is
'Many debits of guild pools in one call, each as credits.use_guild_credits would do it: one row for each item, in their order, with its movement or its refusal (SQLSTATE, message, DETAIL, HINT); what it does not have is null. One item refused leaves the others alone. A pool''s simple items are decided before those that need a closer look, such as retries and those of members with limits.
Errors: UC001 invalid_request when the arrays differ in length or have more than 1000 items; what is wrong with an item is in its row.
Idempotency: as credits.use_guild_credits, item by item.
Locks: the pools, in the order of their ids.';
