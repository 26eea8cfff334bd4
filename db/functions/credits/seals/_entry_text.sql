create or replace function credits._entry_text(p_entry credits.entries) returns text
language sql stable
as $$
    select concat_ws(
        E'\n',
        p_entry.kind,
        p_entry.sequence,
        p_entry.id,
        p_entry.number,
        p_entry.type,
        p_entry.reversal,
        p_entry.amount::numeric(24, 6),
        p_entry.available::numeric(24, 6),
        p_entry.reserved::numeric(24, 6),
        p_entry.debt::numeric(24, 6),
        p_entry.clawed_back::numeric(24, 6),
        p_entry.total_spent::numeric(24, 6),
        -- As numbers: as text, dates and times would depend on the session's settings.
        coalesce((extract(epoch from p_entry.created_at) * 1000000)::bigint::text, ''),
        coalesce((extract(epoch from p_entry.due_after) * 1000000)::bigint::text, ''),
        coalesce((extract(epoch from p_entry.ends_at) * 1000000)::bigint::text, ''),
        coalesce((p_entry.spending_day - date '1970-01-01')::text, ''),
        coalesce((p_entry.running_day - date '1970-01-01')::text, ''),
        coalesce(p_entry.spent_that_day::numeric(24, 6)::text, ''),
        coalesce(p_entry.spent_that_week::numeric(24, 6)::text, ''),
        coalesce(p_entry.spent_that_month::numeric(24, 6)::text, ''),
        coalesce(p_entry.lot_id::text, ''),
        coalesce(p_entry.lot_taken::numeric(24, 6)::text, ''),
        coalesce(p_entry.lot_left::numeric(24, 6)::text, ''),
        coalesce(p_entry.app_id, ''),
        -- An erasure empties the references of grants, which their grantors chose.
        coalesce(case when p_entry.type <> 'grant' then p_entry.reference_id end, ''),
        coalesce(p_entry.charge::text, ''),
        p_entry.called_by
    )
$$;

comment on function credits._entry_text is
'The canonical text of an entry: what of it never changes, one field a line; days are counted from 1970-01-01, times are
microseconds since then. Nothing that says who it was or that an erasure rewrites, so that seals outlast it. It can be
no other entry''s text: no field but the last may hold a line feed';
