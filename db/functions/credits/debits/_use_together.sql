create or replace function credits._use_together(
    p_user_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[],
    p_metadata jsonb[],
    p_request_ids text[]
) returns setof credits.use_outcome
language plpgsql
rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_ids uuid[] := array(select credits._new_id() as id from generate_series(1, cardinality(p_user_ids)) order by id);
    v_now timestamptz := credits._now();
    v_request_id text := left(nullif(current_setting('credits.request_id', true), ''), 128);
    v_full record;
begin
    perform set_config('credits.posting', 'direct', true);
    -- What is carried through sorts and windows is narrow; the rest is looked up in its array by the item's number.
    return query
    with items as (
        select i.*
        from unnest(p_user_ids, p_amounts, p_idempotency_keys) with ordinality as i (user_id, amount, idempotency_key, item)
    ),
    twins as (
        select from items i where i.idempotency_key is not null group by i.user_id, i.idempotency_key having count(*) > 1
    ),
    -- Nothing, in nearly every batch: then nothing is sorted for it.
    later_twins as (
        select i.item
        from (
            select i.item, row_number() over (partition by i.user_id, i.idempotency_key order by i.item) as place
            from items i
            where i.idempotency_key is not null and exists (select from twins)
        ) i
        where i.place > 1
    ),
    judged as (
        select
            i.item, i.user_id, i.amount,
            b.reserved,
            greatest(v_now, b.updated_at + interval '1 microsecond') as at,
            b.balance - sum(i.amount) over account as available_after,
            b.total_spent + sum(i.amount) over account as total_spent_after,
            b.version + row_number() over account as sequence
        from items i
        join credits.balances b on b.user_id = i.user_id
        where b.next_expiry is null
            and (b.reserved = 0 or not credits._has_overdue_holds(b.user_id))
            and b.low_balance_at is null
            and (b.last_transaction_id >= v_ids[1]) is not true
            and credits._is_use(i.amount, p_app_ids[i.item], p_descriptions[i.item], i.idempotency_key, '{}')
            and (p_metadata[i.item] is null or credits._is_metadata(p_metadata[i.item]))
            and not exists (
                select from credits.transactions o where o.user_id = i.user_id and o.idempotency_key = i.idempotency_key
            )
            and (b.reservations_count = 0 or not exists (
                select from credits.reservations r
                where r.account_id = i.user_id and r.organization_id is null and r.idempotency_key = i.idempotency_key
            ))
            and not exists (
                select from credits.service_caps c where c.caller in (session_user, current_setting('credits.caller', true))
            )
            and i.item not in (select l.item from later_twins l)
        window account as (partition by i.user_id order by i.item)
    ),
    posted as materialized (
        select
            j.*, v_ids[j.item] as id, 'usage'::credits.transaction_type as type, 'completed'::credits.transaction_status as status,
            false as replayed
        from judged j
        where j.available_after >= 0
    ),
    moved as (
        update credits.balances b
        set
            balance = b.balance - a.amount,
            total_spent = b.total_spent + a.amount,
            version = b.version + a.rows,
            last_transaction_id = v_ids[a.last_item],
            updated_at = a.at
        from (
            select p.user_id, sum(p.amount) as amount, count(*) as rows, max(p.item) as last_item, max(p.at) as at
            from posted p
            group by p.user_id
        ) a
        where b.user_id = a.user_id
    ),
    ledger as (
        insert into credits.transactions (
            user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after, total_spent_after, app_id,
            description, metadata, idempotency_key, created_at, completed_at, request_id
        )
        select
            p.user_id, p.id, p.sequence, p.type, -p.amount, p.available_after + p.reserved + p.amount,
            p.available_after + p.reserved, p.reserved, p.total_spent_after,
            p_app_ids[p.item], p_descriptions[p.item], coalesce(p_metadata[p.item], '{}'), p_idempotency_keys[p.item], p.at, p.at,
            coalesce(left(nullif(p_request_ids[p.item], ''), 128), v_request_id)
        from posted p
    )
    select
        i.item::integer, null, null, null, null,
        p.id, p.user_id, p.type, p.status, -p.amount,
        p.available_after + p.reserved + p.amount, p.available_after + p.reserved, p_app_ids[p.item], p_descriptions[p.item],
        case when p.id is not null then coalesce(p_metadata[p.item], '{}') end, p_idempotency_keys[p.item], null, p.at, p.at,
        p.available_after, p.available_after + p.reserved + p.total_spent_after, p.total_spent_after, p.reserved, p.replayed
    from unnest(v_ids) with ordinality as i (id, item)
    left join posted p on p.item = i.item
    order by i.item;
    for v_full in
        select b.user_id, b.last_transaction_id
        from credits.balances b
        join (select i.user_id, count(*) as items from unnest(p_user_ids) as i (user_id) group by i.user_id) i on i.user_id = b.user_id
        where b.version % 256 < i.items
    loop
        perform credits._fold_usage(v_full.user_id, v_full.last_transaction_id);
    end loop;
    perform set_config('credits.posting', '', true);
    if credits._balance_events_wanted() then
        perform credits._emit_balance(
            t.user_id, null, t.id, t.type::text, t.amount, t.balance_after, t.reserved_after, t.app_id, null
        )
        from (
            select t.*
            from unnest(p_user_ids, v_ids) as i (user_id, id)
            join credits.transactions t on t.user_id = i.user_id and t.id = i.id
            order by t.user_id, t.sequence
        ) t;
    end if;
end
$$;

comment on function credits._use_together(text[], numeric[], text[], text[], text[], jsonb[], text[]) is
    'The part of use_credits_batch that decides and writes all the simple debits at once: new keys, enough credits for an item and those before it, no dated '
    'ones and no holds past their time, no caps. The other items come back with their number alone, untouched. The caller has locked the balances';
