create or replace function credits.use_guild_credits_batch(
    p_organization_ids text[],
    p_user_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[] default null,
    p_metadata jsonb[] default null,
    p_request_ids text[] default null
) returns setof credits.guild_use_outcome
language plpgsql security definer
rows 10
set search_path = pg_catalog, pg_temp
-- Or a batch of a few items has three of its statements planned anew each time.
set plan_cache_mode = force_generic_plan
as $$
declare
    v_locked text[];
    v_organization_ids text[] := p_organization_ids;
    v_outcome credits.guild_use_outcome;
    v_item integer;
    v_request_id text := coalesce(current_setting('credits.request_id', true), '');
    v_refusal text;
    v_message text;
    v_detail text;
    v_hint text;
begin
    perform credits._check_batch(cardinality(p_organization_ids), array[
        credits._shape(p_organization_ids), credits._shape(p_user_ids), credits._shape(p_amounts), credits._shape(p_app_ids),
        credits._shape(p_descriptions), credits._shape(coalesce(p_idempotency_keys, p_user_ids)),
        credits._shape(coalesce(p_request_ids, p_organization_ids)),
        case when p_metadata is null then credits._shape(p_user_ids) else credits._shape(p_metadata) end
    ]);
    v_locked := array(
        select l.organization_id
        from (
            select p.organization_id
            from credits.guild_pools p
            where p.organization_id = any (p_organization_ids)
            order by p.organization_id
            for no key update
        ) l
    );
    if cardinality(v_locked) < (
        select count(*)
        from (
            select from unnest(p_organization_ids) as i (organization_id) where i.organization_id is not null group by i.organization_id
        ) d
    ) then
        -- One that is opened while another is waited for would be there for the next statement, but not locked.
        v_organization_ids := array(
            select case when i.organization_id = any (v_locked) then i.organization_id end
            from unnest(p_organization_ids) with ordinality as i (organization_id, item)
            order by i.item
        );
    end if;
    for v_outcome in
        select *
        from credits._use_guild_together(
            v_organization_ids, p_user_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata, p_request_ids
        )
    loop
        if v_outcome.id is null then
            -- A retry, too few credits, something malformed, held or dated: decided like a single call.
            v_item := v_outcome.item;
            perform set_config('credits.request_id', coalesce(p_request_ids[v_item], v_request_id), true);
            begin
                select v_item, null, null, null, null, m.*
                into v_outcome
                from credits.use_guild_credits(
                    p_organization_ids[v_item], p_user_ids[v_item], p_amounts[v_item], p_app_ids[v_item], p_descriptions[v_item],
                    p_idempotency_keys[v_item], coalesce(p_metadata[v_item], '{}')
                ) m;
            exception when others then
                get stacked diagnostics
                    v_refusal = returned_sqlstate, v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                if v_refusal !~ '^UC' then
                    raise;
                end if;
                v_outcome.refusal := v_refusal;
                v_outcome.refusal_message := v_message;
                v_outcome.refusal_detail := nullif(v_detail, '');
                v_outcome.refusal_hint := nullif(v_hint, '');
            end;
        end if;
        return next v_outcome;
    end loop;
    perform set_config('credits.request_id', v_request_id, true);
end
$$;

comment on function credits.use_guild_credits_batch(text[], text[], numeric[], text[], text[], text[], jsonb[], text[]) is
'Many debits of guild pools in one call, each as credits.use_guild_credits would do it: one row for each item, in their order, with its movement or its refusal (SQLSTATE, message, DETAIL, HINT); what it does not have is null. One item refused leaves the others alone. A pool''s simple items are decided before those that need a closer look, such as retries.
Errors: UC001 invalid_request when the arrays differ in length or have more than 1000 items; what is wrong with an item is in its row.
p_request_ids: what the rows are to have as request_id, where it is not credits.request_id for all.
Idempotency: as credits.use_guild_credits, item by item.
Locks: the pools, in the order of their ids.';
