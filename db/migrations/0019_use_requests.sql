-- A debit of a batch is one value, in place of a place in ten arrays.

set local role credits_owner;

do $$
begin
    create type credits.use_request as (
        account_id text,
        member_id text,
        amount numeric,
        app_id text,
        description text,
        idempotency_key text,
        metadata jsonb,
        items jsonb,
        expected_amount numeric,
        request_id text
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.use_request is
    'A debit that is asked for: the account, the member where that is a pool, and what credits.use_credits takes besides';
