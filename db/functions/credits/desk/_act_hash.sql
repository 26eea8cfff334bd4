create or replace function credits._act_hash(p_act jsonb, p_before bytea) returns bytea
language sql stable
as $$
    select sha256(coalesce(p_before, '') || convert_to(
        concat_ws(
            E'\n',
            a.sequence,
            a.id,
            a.action,
            coalesce(a.subject_id, ''),
            a.asked,
            coalesce(a.amount::numeric(24, 6)::text, ''),
            coalesce(a.entry_id::text, ''),
            coalesce(a.balance::numeric(24, 6)::text, ''),
            coalesce(a.before::text, ''),
            coalesce(a.after::text, ''),
            (extract(epoch from a.created_at) * 1000000)::bigint,
            encode(a.words_hash, 'hex'),
            a.called_by
        ),
        'UTF8'
    ))
    from jsonb_populate_record(null::credits.admin_actions, p_act) a
$$;

comment on function credits._act_hash is
'The hash of an act, over its canonical text, one field a line, and the hash of the act before. Each account''s acts are
a chain of their own';
