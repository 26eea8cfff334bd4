create or replace function credits._guild_transaction_text(p_row credits.guild_transactions) returns text
language sql stable
as $$
    select concat_ws(
        E'\n',
        p_row.sequence::text,
        p_row.id::text,
        p_row.type::text,
        p_row.amount::text,
        p_row.balance_before::text,
        p_row.balance_after::text,
        p_row.reserved_after::text,
        p_row.total_spent_after::text,
        p_row.reversal::text,
        -- Days since 1970: a date as text would depend on the session's settings.
        coalesce((p_row.spending_day - date '1970-01-01')::text, ''),
        coalesce(p_row.app_id, ''),
        coalesce(p_row.reference_id, ''),
        (extract(epoch from p_row.created_at) * 1000000)::bigint::text,
        p_row.called_by
    )
$$;

comment on function credits._guild_transaction_text(credits.guild_transactions) is
    'The canonical text of a pool''s ledger row: what of it never changes, one field a line; the day is counted from 1970-01-01, times are microseconds since then. '
    'Nothing that an erasure rewrites, so that seals outlast it. It can be no other row''s text: no field but the last may hold a line feed';
