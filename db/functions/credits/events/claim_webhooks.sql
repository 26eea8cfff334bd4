create or replace function credits.claim_webhooks(p_limit integer, p_seconds double precision)
returns table (consumer text, url text, secret text, failures integer, claim uuid)
language plpgsql security definer
rows 10
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
        update credits.webhooks w
        set claim = gen_random_uuid(), due_at = credits._now() + make_interval(secs => p_seconds)
        from (
            select d.consumer
            from credits.webhooks d
            join credits.event_consumers c on c.consumer = d.consumer
            where credits._has_come(d.due_at, credits._now(), interval '2 days')
                and d.stopped_at is null
                and c.lost_at is null
                and c.position < (select l.last_position from credits.event_log l)
            order by d.due_at
            limit p_limit
            for update of d skip locked
        ) due
        join credits.webhook_secrets s on s.consumer = due.consumer
        where w.consumer = due.consumer
        returning w.consumer, w.url, s.secret, w.failures, w.claim;
end
$$;

comment on function credits.claim_webhooks(integer, double precision) is
'Takes up to p_limit webhooks with events, whose pause is over and that are not stopped. Nobody else gets them in the
next p_seconds, unless they are given back with credits.release_webhook. Whoever took them may die.
Errors: none.
Idempotency: none; each claim counts.
Locks: the webhooks it returns (those locked by others are left).';
