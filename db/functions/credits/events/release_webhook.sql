create or replace function credits.release_webhook(
    p_consumer text,
    p_claim uuid,
    p_failure text default null,
    p_pause_seconds double precision default 0,
    p_stop boolean default false
) returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update credits.webhooks
    set
        claim = null,
        failures = case when p_failure is null then 0 else failures + 1 end,
        last_failure = left(p_failure, 200),
        due_at = credits._now() + make_interval(secs => p_pause_seconds),
        stopped_at = case when p_stop then credits._now() end
    where consumer = p_consumer and claim = p_claim;
    return found;
end
$$;

comment on function credits.release_webhook(text, uuid, text, double precision, boolean) is
'Gives a claimed webhook back: after success, or with what failed and for how long to pause; p_stop is until it is
registered again. False if the claim has run out and somebody else has it.
Errors: none.
Idempotency: by the claim.
Locks: the webhook.';
