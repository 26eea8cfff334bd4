create or replace function credits.quote(
    p_user_id text, p_items jsonb, p_app_id text default 'unknown', p_guild_id text default null,
    p_caller text default null
) returns table (
    amount numeric, lines jsonb, allowed boolean, refusal text, message text, details jsonb, passes_at timestamptz
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_priced credits.priced;
begin
    perform credits._check_id('userId', p_user_id);
    v_priced := credits._priced(null, coalesce(p_items, 'null'), null, credits._now());
    if v_priced.amount = 0 then
        return query select v_priced.amount, v_priced.charge -> 'lines', true, null, null, null::jsonb, credits._now();
    else
        return query
        select v_priced.amount, v_priced.charge -> 'lines', e.allowed, e.refusal, e.message, e.details, e.passes_at
        from credits.explain_use(p_user_id, v_priced.amount, p_app_id, p_guild_id, p_caller) e;
    end if;
end
$$;

comment on function credits.quote is
'Quotes p_items [{operation, quantity}] at the present prices. Says whether a debit of that, personal or from a guild''s
pool, would pass, as credits.explain_use does. Changes nothing, but needs a transaction that may write, as that does.
Errors: UC001 invalid_request, UC021 unknown_operation.
Idempotency: changes nothing.
Locks: the pool, or the user''s account.';
