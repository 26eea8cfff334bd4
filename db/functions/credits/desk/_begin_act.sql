create or replace function credits._begin_act(
    p_admin text,
    p_account_id text,
    p_action text,
    p_subject_id text,
    p_reason text,
    p_idempotency_key text,
    p_request_id text,
    p_asked jsonb default '{}'
) returns credits.admin_actions
language plpgsql
as $$
declare
    v_reason constant text := credits._clean_reason(p_reason);
    v_key constant bytea := (select k.key from credits.address_key k);
    -- Of a description only a keyed hash, since an erasure would have to change it, and the seal with it.
    v_asked constant jsonb := jsonb_strip_nulls(p_asked || jsonb_build_object(
        'description', encode(credits._keyed_hash(p_asked ->> 'description', v_key), 'hex')
    ));
    v_act credits.admin_actions;
begin
    perform credits._check_id('admin', p_admin);
    perform credits._refuse_invalid('reason', 'must be 3 to 500 characters')
    where char_length(v_reason) between 3 and 500 is not true;
    perform credits._refuse_invalid('idempotencyKey', 'must be given: it says which act is meant')
    where coalesce(p_idempotency_key, '') = '';
    perform credits._check_key(p_idempotency_key);
    if p_account_id <> '' then
        perform credits._check_id('userId', p_account_id);
        if p_account_id = p_admin then
            raise exception using
                errcode = 'UC024',
                message = 'Nobody acts on their own account',
                hint = 'Ask somebody else in support';
        end if;
        perform credits._lock_account(p_account_id, 'person', p_create => p_action = 'grant');
    end if;
    select * into v_act
    from credits.admin_actions a
    where a.account_id = p_account_id and a.idempotency_key = p_idempotency_key;
    if found then
        -- What an act has made has its id, and nobody could name it before.
        if (v_act.admin_id, v_act.action, nullif(v_act.subject_id, v_act.id::text), v_act.reason, v_act.asked)
            is distinct from (p_admin, p_action, p_subject_id, v_reason, v_asked)
        then
            perform credits._refuse_reused_key(p_idempotency_key);
        end if;
        return v_act;
    end if;
    if p_account_id <> '' and (credits._of_key(p_account_id, 'person', p_idempotency_key)).id is not null then
        perform credits._refuse_reused_key(p_idempotency_key);
    end if;
    v_act.id := credits._new_id();
    v_act.account_id := p_account_id;
    v_act.admin_id := p_admin;
    v_act.action := p_action;
    v_act.subject_id := p_subject_id;
    v_act.asked := v_asked;
    v_act.reason := v_reason;
    v_act.idempotency_key := p_idempotency_key;
    v_act.request_id := left(nullif(p_request_id, ''), 128);
    return v_act;
end
$$;

comment on function credits._begin_act is
'Begins an act of the support desk: checks who acts, why, that it is not on oneself, and the key. Returns the act that
an earlier call with this key did, or a new one for _end_act, which has no created_at yet. Locks the person''s account.
Raises UC001, UC024, UC004';
