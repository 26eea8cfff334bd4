create or replace function credits.admin_take(
    p_admin text,
    p_user_id text,
    p_amount numeric,
    p_reason text,
    p_idempotency_key text,
    p_description text default null,
    p_request_id text default null
) returns credits.act
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_act credits.admin_actions := credits._begin_act(
        p_admin, p_user_id, 'take', null, p_reason, p_idempotency_key, p_request_id,
        jsonb_build_object('amount', p_amount, 'description', p_description)
    );
    v_last credits.entries;
begin
    if v_act.created_at is null then
        perform credits._check_id('userId', p_user_id);
        perform credits._check_amount(p_amount);
        v_last := credits._last_entry(p_user_id, 'person');
        if p_amount > coalesce(v_last.available, 0) then
            perform credits._refuse_insufficient(p_amount, coalesce(v_last.available - v_last.debt, 0));
        end if;
        perform credits._check_cap('take', null, p_amount, 'admin:' || p_admin);
        v_act.amount := -trim_scale(p_amount);
        v_act.entry_id := (credits._post(
            p_user_id, 'person', 'adjustment', v_act.amount,
            p_description => coalesce(credits._clean_text(p_description), 'Taken by support'),
            p_idempotency_key => p_idempotency_key, p_reference_id => v_act.id::text, p_request_id => p_request_id
        )).id;
    end if;
    return credits._end_act(v_act);
end
$$;

comment on function credits.admin_take is
'Takes credits from a user, for p_admin of the support desk: an entry of type adjustment. At most what can be spent;
what holds have set aside stays. It takes from a frozen account too, and no limit holds for it.
Errors: UC001 invalid_request, UC024 own_account, UC004 idempotency_key_reused, UC002 insufficient_credits, UC016
cap_exceeded (of admin:<p_admin>).
Idempotency: p_idempotency_key within the user''s account; a retry returns the first act with replayed = true.
Locks: the user''s account.';
