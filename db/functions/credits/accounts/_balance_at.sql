create or replace function credits._balance_at(p_user_id text, p_at timestamptz)
returns table (
    user_id text, balance numeric, total_earned numeric, total_spent numeric, reserved numeric,
    transactions_count bigint, created_at timestamptz, updated_at timestamptz, expiring jsonb
)
language plpgsql stable
rows 1
as $$
#variable_conflict use_column
declare
    v_row credits.transactions;
    v_held numeric;
    v_expired numeric;
begin
    perform credits._check_id('userId', p_user_id);
    -- Found through the time in the key: the cost does not grow with what came after or before.
    select * into v_row
    from credits.transactions t
    where t.user_id = p_user_id
        and t.id < credits._id_floor(p_at + interval '1 second')
        and t.created_at <= p_at
    order by t.id desc
    limit 1;
    select coalesce(sum(r.amount), 0) into v_held
    from credits._holds_between(p_user_id, p_at, p_at) r
    where r.created_at <= p_at
        and r.expires_at > p_at
        and (r.ended_at is null or r.ended_at > p_at);
    v_expired := credits._expired_at(p_user_id, p_at, v_row.created_at, v_row.balance_after - v_held);
    return query select
        p_user_id,
        coalesce(v_row.balance_after, 0) - v_held - v_expired,
        coalesce(v_row.balance_after + v_row.total_spent_after, 0),
        coalesce(v_row.total_spent_after, 0) + v_expired,
        v_held,
        null::bigint,
        null::timestamptz,
        v_row.created_at,
        null::jsonb;
end
$$;

comment on function credits._balance_at(text, timestamptz) is
    'A balance as it was at a moment, from the ledger row before it, the reservations open then and the credits whose date had passed';
