create or replace function credits._fold_transactions() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_folded bigint;
    v_alerts boolean;
    v_full record;
begin
    if current_setting('credits.batch', true) is distinct from 'on' then
        return null;  -- _apply_transaction has applied each row
    end if;
    with chain as (
        select
            r.*,
            row_number() over account as place,
            sum(-r.amount) over account as spent,
            lag(r.id) over account as id_before
        from new_rows r
        window account as (partition by r.user_id order by r.sequence)
    ),
    accounts as (
        select
            c.user_id,
            count(*) as rows,
            max(c.sequence) as last_sequence,
            max(c.spent) as spent,
            max(c.balance_after + c.spent) as balance_before,
            max(c.reserved_after) as reserved,
            max(c.total_spent_after) as total_spent,
            max(c.id::text)::uuid as last_id,
            min(c.id::text)::uuid as first_id,
            max(c.created_at) as created_at
        from chain c
        group by c.user_id
        -- Together: the rows are numbered without gaps, and each continues the one before.
        having max(c.sequence - c.place) = min(c.sequence - c.place)
            and max(c.balance_after + c.spent) = min(c.balance_after + c.spent)
            and max(c.total_spent_after - c.spent) = min(c.total_spent_after - c.spent)
            and max(c.reserved_after) = min(c.reserved_after)
            and max(c.created_at) = min(c.created_at)
            and bool_and(
                c.type = 'usage' and c.amount < 0 and not c.reversal and c.reference_id is null
                and c.balance_before = c.balance_after - c.amount
                and (c.id_before is null or c.id_before < c.id)
                and c.called_by = session_user
                and substr(c.id::text, 15, 1) = '7'
                and (c.metadata = '{}' or jsonb_typeof(c.metadata) = 'object' and octet_length(c.metadata::text) <= 16384)
                and c.idempotency_key is distinct from ''
            )
            and credits._is_present_id(max(c.id::text)::uuid, max(c.created_at))
        order by c.user_id
    ),
    folded as (
        update credits.balances b
        set
            balance = b.balance - a.spent,
            total_spent = b.total_spent + a.spent,
            version = a.last_sequence,
            last_transaction_id = a.last_id,
            updated_at = a.created_at
        from accounts a
        where b.user_id = a.user_id
            and b.version + a.rows = a.last_sequence
            and b.updated_at < a.created_at
            and b.balance + b.reserved = a.balance_before
            and b.reserved = a.reserved
            and b.total_spent + a.spent = a.total_spent
            and (b.last_transaction_id is null or b.last_transaction_id < a.first_id)
        returning a.rows, b.low_balance_at
    )
    select coalesce(sum(f.rows), 0), bool_or(f.low_balance_at is not null) into v_folded, v_alerts from folded f;
    if v_folded <> (select count(*) from new_rows) then
        perform credits._refuse_row('its account');
    end if;
    for v_full in select r.user_id, r.id from new_rows r where r.sequence % 256 = 0 loop
        perform credits._fold_usage(v_full.user_id, v_full.id);
    end loop;
    if v_alerts or credits._balance_events_wanted() then
        perform credits._emit_balance(
            e.user_id, null, e.id, e.type::text, e.amount, e.balance_after, e.reserved_after, e.app_id, e.low_balance_at
        )
        from (
            select r.*, b.low_balance_at
            from new_rows r
            join credits.balances b on b.user_id = r.user_id
            order by r.user_id, r.sequence
        ) e;
    end if;
    return null;
end
$$;

comment on function credits._fold_transactions() is
    'Trigger: applies the rows of a batch of debits to their balances, all at once, and refuses them unless each is well-formed and continues its account''s chain (UC017)';
