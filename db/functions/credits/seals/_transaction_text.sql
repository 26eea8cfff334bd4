create or replace function credits._transaction_text(p_row credits.transactions) returns text
language sql stable
as $$
    select concat_ws(
        E'\n',
        p_row.sequence::text,
        p_row.id::text,
        p_row.type::text,
        p_row.status::text,
        p_row.amount::text,
        p_row.balance_before::text,
        p_row.balance_after::text,
        p_row.reserved_after::text,
        p_row.total_spent_after::text,
        p_row.reversal::text,
        coalesce(p_row.app_id, ''),
        coalesce(p_row.guild_id, ''),
        -- An erasure empties the references of grants, which their grantors chose.
        coalesce(case when p_row.type <> 'grant' then p_row.reference_id end, ''),
        (extract(epoch from p_row.created_at) * 1000000)::bigint::text,
        (extract(epoch from p_row.completed_at) * 1000000)::bigint::text,
        p_row.called_by
    )
$$;

comment on function credits._transaction_text(credits.transactions) is
    'The canonical text of a personal ledger row: what of it never changes, one field a line; times are microseconds since 1970. '
    'Nothing that an erasure rewrites, so that seals outlast it. It can be no other row''s text: no field but the last may hold a line feed';
