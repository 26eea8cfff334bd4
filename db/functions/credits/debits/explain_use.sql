create or replace function credits.explain_use(
    p_user_id text, p_amount numeric, p_app_id text, p_guild_id text default null, p_caller text default null
) returns table (allowed boolean, refusal text, message text, details jsonb, passes_at timestamptz)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind constant credits.account_kind := case when p_guild_id is null then 'person' else 'pool' end;
    v_details text;
    v_from timestamptz;
begin
    -- The real debit, taken back at once: so the answer is never another one than the debit's own.
    begin
        if p_guild_id is null then
            perform credits.use_credits(p_user_id, p_amount, p_app_id, '', p_caller => p_caller);
        else
            perform credits.use_guild_credits(p_guild_id, p_user_id, p_amount, p_app_id, '', p_caller => p_caller);
        end if;
        raise exception using errcode = 'UX001', message = 'taken back';
    exception
        when sqlstate 'UX001' then
            allowed := true;
            passes_at := credits._now();
        when sqlstate 'UC002' or sqlstate 'UC003' or sqlstate 'UC005' or sqlstate 'UC016' or sqlstate 'UC023' then
            get stacked diagnostics
                refusal = returned_sqlstate, message = message_text, v_details = pg_exception_detail;
            allowed := false;
            details := nullif(v_details, '')::jsonb;
            -- Of the caps only the day's begins anew; time makes no pool and lifts no freeze.
            v_from := case
                when refusal not in ('UC005', 'UC016', 'UC023') then credits._now()
                when details ->> 'cap' = 'max_amount_per_day' and p_amount <= (details ->> 'limit')::numeric
                    then (details ->> 'resetsAt')::timestamptz
            end;
            if v_from is not null then
                passes_at := credits._funded_at(
                    coalesce(p_guild_id, p_user_id), v_kind, p_user_id, p_app_id, p_amount, v_from
                );
            end if;
    end;
    return next;
end
$$;

comment on function credits.explain_use is
'Whether a debit, personal or from a guild''s pool, would pass now; if not, the SQLSTATE that refuses it (refusal) with
its figures, and the earliest time at which it would pass as things stand (passes_at; null when time alone does not
help). Changes nothing: it is the debit itself, taken back at once. So it needs a transaction that may write.
Errors: UC001 invalid_request.
Idempotency: changes nothing.
Locks: the pool, or the user''s account.';
