create or replace function credits._act_hash(p_act credits.admin_actions, p_before bytea) returns bytea
language sql immutable
as $$
    select sha256(coalesce(p_before, '') || convert_to(
        concat_ws(
            E'\n',
            p_act.sequence,
            p_act.id,
            p_act.action,
            coalesce(p_act.subject_id, ''),
            p_act.asked,
            coalesce(p_act.amount::numeric(24, 6)::text, ''),
            coalesce(p_act.entry_id::text, ''),
            coalesce(p_act.balance::numeric(24, 6)::text, ''),
            coalesce(p_act.before::text, ''),
            coalesce(p_act.after::text, ''),
            (extract(epoch from p_act.created_at) * 1000000)::bigint,
            encode(p_act.words_hash, 'hex'),
            p_act.called_by
        ),
        'UTF8'
    ))
$$;

comment on function credits._act_hash(credits.admin_actions, bytea) is
    'The hash of an act, over its canonical text, one field a line, and the hash of the act before. Each account''s '
    'acts are a chain of their own';
