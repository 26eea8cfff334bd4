create or replace function credits.register_webhook(p_consumer text, p_url text, p_types text[]) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_secret text;
begin
    perform credits._refuse_invalid('url', 'must be an http or https URL without a user name')
    where p_url ~ E'^https?://[^\\s/?#@]+([/?#]\\S*)?$' is not true;
    perform credits._register_consumer(p_consumer, p_types, null);
    insert into credits.webhooks as w (consumer, url)
    values (p_consumer, p_url)
    on conflict (consumer) do update
        set url = excluded.url, failures = 0, last_failure = null, due_at = credits._now(), stopped_at = null;
    insert into credits.webhook_secrets (consumer, secret)
    values (
        p_consumer, 'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64')
    )
    on conflict (consumer) do nothing
    returning secret into v_secret;
    return v_secret;
end
$$;

comment on function credits.register_webhook(text, text, text[]) is
'Has the API post a consumer''s events to a URL, signed; see credits.register_consumer for the types and for a consumer
that is there already. Returns the secret that signatures are made with, once: null for a webhook that has one. For a
new secret drop the consumer and register it again. The name of a consumer that a login reads is refused: drop that
first. For a DBA: the API sends requests to whatever address is named here.
Errors: UC001 invalid_request.
Idempotency: by nature, but for the secret.
Locks: the order of events; then the consumer and its webhook.';
