create or replace function credits._fold_guild_transactions() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_folded bigint;
    v_alerts boolean;
begin
    if current_setting('credits.batch', true) is distinct from 'on' then
        return null;  -- _apply_guild_transaction has applied each row
    end if;
    with chain as (
        select
            r.*,
            row_number() over pool as place,
            sum(-r.amount) over pool as used,
            lag(r.id) over pool as id_before
        from new_rows r
        window pool as (partition by r.organization_id order by r.sequence)
    ),
    pools as (
        select
            c.organization_id,
            count(*) as rows,
            max(c.sequence) as last_sequence,
            max(c.used) as used,
            max(c.balance_after + c.used) as balance_before,
            max(c.reserved_after) as reserved,
            max(c.total_spent_after) as total_spent,
            max(c.id::text)::uuid as last_id,
            min(c.id::text)::uuid as first_id,
            max(c.created_at) as created_at
        from chain c
        group by c.organization_id
        -- Together: the rows are numbered without gaps, and each continues the one before.
        having max(c.sequence - c.place) = min(c.sequence - c.place)
            and max(c.balance_after + c.used) = min(c.balance_after + c.used)
            and max(c.total_spent_after - c.used) = min(c.total_spent_after - c.used)
            and max(c.reserved_after) = min(c.reserved_after)
            and max(c.created_at) = min(c.created_at)
            and bool_and(
                c.type = 'usage' and c.amount < 0 and not c.reversal and c.reference_id is null and c.spending_day is not null
                and c.balance_before = c.balance_after - c.amount
                and (c.id_before is null or c.id_before < c.id)
                and c.called_by = session_user
                and substr(c.id::text, 15, 1) = '7'
                and (c.metadata = '{}' or jsonb_typeof(c.metadata) = 'object' and octet_length(c.metadata::text) <= 16384)
                and c.idempotency_key is distinct from ''
            )
            and credits._is_present_id(max(c.id::text)::uuid, max(c.created_at))
        order by c.organization_id
    ),
    folded as (
        update credits.guild_pools p
        set
            balance = p.balance - a.used,
            total_spent = p.total_spent + a.used,
            version = a.last_sequence,
            last_transaction_id = a.last_id,
            updated_at = a.created_at
        from pools a
        where p.organization_id = a.organization_id
            and p.version + a.rows = a.last_sequence
            and p.updated_at < a.created_at
            and p.balance + p.reserved = a.balance_before
            and p.reserved = a.reserved
            and p.total_spent + a.used = a.total_spent
            and (p.last_transaction_id is null or p.last_transaction_id < a.first_id)
        returning a.rows, p.low_balance_at
    )
    select coalesce(sum(f.rows), 0), bool_or(f.low_balance_at is not null) into v_folded, v_alerts from folded f;
    if v_folded <> (select count(*) from new_rows) then
        perform credits._refuse_row('its pool');
    end if;
    perform credits._count_spending(m.organization_id, m.user_id, m.spending_day, m.spent, true)
    from (
        select r.organization_id, r.user_id, r.spending_day, -sum(r.amount) as spent
        from new_rows r
        group by r.organization_id, r.user_id, r.spending_day
        order by r.organization_id, r.user_id, r.spending_day
    ) m;
    if v_alerts or credits._balance_events_wanted() then
        perform credits._emit_balance(
            e.user_id, e.organization_id, e.id, e.type::text, e.amount, e.balance_after, e.reserved_after, e.app_id, e.low_balance_at
        )
        from (
            select r.*, p.low_balance_at
            from new_rows r
            join credits.guild_pools p on p.organization_id = r.organization_id
            order by r.organization_id, r.sequence
        ) e;
    end if;
    return null;
end
$$;

comment on function credits._fold_guild_transactions() is
    'Trigger: applies the rows of a batch of debits to their pools and members'' spending, all at once, and refuses them unless each is well-formed and continues its pool''s chain (UC017) and within the limits (UC003)';
