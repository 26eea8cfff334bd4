create or replace function credits._holds_between(p_user_id text, p_from timestamptz, p_to timestamptz)
returns setof credits.reservations
language sql stable rows 10
as $$
    select r.*
    from credits.reservations r
    where r.account_id = p_user_id
        and r.organization_id is null
        and r.id >= credits._id_floor(p_from - interval '720 hours')
        and r.id < credits._id_floor(p_to + interval '1 second')
    union all
    -- Only what was extended lasts longer than 30 days. In hours above: a day of the session's time zone may have 23 or 25 of them.
    select r.*
    from credits.reservations r
    where r.account_id = p_user_id
        and r.organization_id is null
        and r.id < credits._id_floor(p_from - interval '720 hours')
        and r.expires_at - r.created_at > interval '30 days'
        and r.expires_at > p_from
$$;

comment on function credits._holds_between(text, timestamptz, timestamptz) is
    'Every hold of a user that lasted for a while between two moments, and others: found through the time in the id, so that the cost does not grow with what came before or after';
