create or replace function credits.list_usage_by_operation(
    p_user_id text, p_from date default null, p_to date default null
) returns table (
    operation text, app_id text, unit text, quantity numeric, credits_used numeric, transactions_count bigint
)
language plpgsql stable security definer
rows 100
set search_path = pg_catalog, pg_temp
as $$
declare
    v_to constant date := coalesce(p_to, (credits._now() at time zone 'UTC')::date);
    v_from constant date := coalesce(p_from, v_to - 30);
    v_after constant bigint := coalesce(
        credits._sequence_by(p_user_id, 'person', v_from::timestamp at time zone 'UTC'), 0
    );
    v_until constant timestamptz := (v_to + 1)::timestamp at time zone 'UTC';
begin
    return query
    select
        l.operation, e.app_id, max(l.unit), sum(l.quantity), sum(l.amount), count(distinct e.sequence)
    from credits.entries e
    cross join lateral jsonb_to_recordset(e.charge -> 'lines') as l (
        operation text, unit text, quantity numeric, amount numeric
    )
    where e.account_id = p_user_id
        and e.kind = 'person'
        and e.sequence > v_after
        and e.created_at < v_until
        and e.type = 'usage'
        and e.charge is not null
    group by l.operation, e.app_id
    order by sum(l.amount) desc, l.operation, e.app_id
    limit 10000;
end
$$;

comment on function credits.list_usage_by_operation is
'What a user used by operation and app from one UTC day to another, both included; by default the 31 days up to today;
the dearest first, at most 10000 rows. Only what was used by items is known by operation, before rounding up to 6
digits, refunds not taken off.
Errors: none.
Idempotency: reads only.
Locks: none.';
