create or replace function credits.register_consumer(p_consumer text, p_types text[], p_login text default null)
returns bigint
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    select credits._register_consumer(p_consumer, p_types, coalesce(p_login, p_consumer))
$$;

comment on function credits.register_consumer(text, text[], text) is
'Registers who reads events: those of the given types (balance.changed, balance.low, gift.redeemed, purchase.completed,
hold.expired) written by transactions that begin after this commits. p_login is the login role that reads, by default
the one that has the consumer''s name; it must be a member of credits_service or credits_api. Returns the position it
begins after. For a DBA.
A consumer that is there gets the new types and login and keeps its position. One that was lost begins anew, after the
present events. The name of a webhook is refused: drop that first.
Errors: UC001 invalid_request.
Idempotency: by nature.
Locks: the order of events, for the rest of the transaction; then the consumer.';
