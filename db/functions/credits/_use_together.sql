create or replace function credits._use_together(
    p_user_ids text[],
    p_amounts numeric[],
    p_app_ids text[],
    p_descriptions text[],
    p_idempotency_keys text[],
    p_metadata jsonb[]
) returns setof credits.use_outcome
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_id uuid := credits._new_id();
    v_now timestamptz := credits._now();
begin
    perform set_config('credits.batch', 'on', true);
    return query
    with items as (
        select
            i.item, i.user_id, i.amount, i.app_id, i.description, i.idempotency_key, coalesce(i.metadata, '{}') as metadata,
            i.idempotency_key is null
                or row_number() over (partition by i.user_id, i.idempotency_key order by i.item) = 1 as is_first
        from unnest(p_user_ids, p_amounts, p_app_ids, p_descriptions, p_idempotency_keys, p_metadata)
            with ordinality as i (user_id, amount, app_id, description, idempotency_key, metadata, item)
    ),
    judged as (
        select
            i.*,
            b.reserved,
            greatest(v_now, b.updated_at + interval '1 microsecond') as at,
            b.balance - sum(i.amount) over account as available_after,
            b.total_spent + sum(i.amount) over account as total_spent_after,
            b.version + row_number() over account as sequence,
            sum(i.amount) over (partition by i.user_id) <= b.balance as is_affordable
        from items i
        join credits.balances b on b.user_id = i.user_id
        where b.next_expiry is null
            and (b.reserved = 0 or not exists (
                select from credits.reservations h
                where h.account_id = b.user_id and h.status = 'held' and h.expires_at <= credits._now()
            ))
            and (b.last_transaction_id >= v_id) is not true
            and i.is_first
            and credits._is_use(i.amount, i.app_id, i.description, i.idempotency_key, '{}')
            and (i.metadata = '{}' or jsonb_typeof(i.metadata) = 'object' and octet_length(i.metadata::text) <= 8192)
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
        window account as (partition by i.user_id order by i.item)
    ),
    posted as materialized (
        select j.*, credits._new_id() as id
        from (select * from judged where is_affordable order by user_id, item) j
    ),
    ledger as (
        insert into credits.transactions (
            user_id, id, sequence, type, amount, balance_before, balance_after, reserved_after, total_spent_after, app_id,
            description, metadata, idempotency_key, created_at, completed_at
        )
        select
            p.user_id, p.id, p.sequence, 'usage', -p.amount, p.available_after + p.reserved + p.amount,
            p.available_after + p.reserved, p.reserved, p.total_spent_after,
            p.app_id, p.description, p.metadata, p.idempotency_key, p.at, p.at
        from posted p
    )
    select
        i.item::integer, null, null, null, null,
        p.id, p.user_id, 'usage'::credits.transaction_type, 'completed'::credits.transaction_status, -p.amount,
        p.available_after + p.reserved + p.amount, p.available_after + p.reserved, p.app_id, p.description, p.metadata, p.idempotency_key, null, p.at, p.at,
        p.available_after, p.available_after + p.reserved + p.total_spent_after, p.total_spent_after, p.reserved, false
    from items i
    left join posted p on p.item = i.item
    order by i.item;
    perform set_config('credits.batch', '', true);
end
$$;

comment on function credits._use_together(text[], numeric[], text[], text[], text[], jsonb[]) is
    'The part of use_credits_batch that decides and writes all the simple debits at once: new keys, enough credits for all of an account''s items, no dated '
    'ones and no holds past their time, no caps. The other items come back without an id, untouched. The caller has locked the balances';
