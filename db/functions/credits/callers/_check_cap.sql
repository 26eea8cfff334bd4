create or replace function credits._check_cap(p_operation text, p_app_id text, p_amount numeric, p_caller text)
returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_cap credits.service_caps;
    v_day date;
    v_used numeric;
    v_beyond jsonb;
begin
    select * into v_cap from credits.service_caps where caller = credits._caller(p_caller);
    if not found then
        return;
    end if;
    v_beyond := case
        when p_operation <> all (v_cap.operations)
            then jsonb_build_object('cap', 'operations', 'operation', p_operation, 'allowed', v_cap.operations)
        when v_cap.app_ids is not null and p_app_id is not null and p_app_id = any (v_cap.app_ids) is not true
            then jsonb_build_object('cap', 'app_ids', 'appId', p_app_id, 'allowed', v_cap.app_ids)
        when p_amount > v_cap.max_amount
            then jsonb_build_object(
                'cap', 'max_amount', 'limit', trim_scale(v_cap.max_amount), 'requested', trim_scale(p_amount)
            )
    end;
    if v_beyond is null and v_cap.max_amount_per_day is not null and p_amount > 0 then
        v_day := (credits._now() at time zone 'UTC')::date;
        -- Counted first and checked then: the counter's row lock keeps callers in line. A refusal takes the count back.
        insert into credits.service_cap_usage as u (caller, day, amount)
        values (v_cap.caller, v_day, p_amount)
        on conflict (caller, day) do update set amount = u.amount + excluded.amount
        returning amount into v_used;
        if v_used > v_cap.max_amount_per_day then
            v_beyond := jsonb_build_object(
                'cap', 'max_amount_per_day', 'limit', trim_scale(v_cap.max_amount_per_day),
                'spent', trim_scale(v_used - p_amount), 'requested', trim_scale(p_amount),
                'resetsAt', to_char(v_day + 1, 'YYYY-MM-DD"T00:00:00Z"')
            );
        end if;
    end if;
    if v_beyond is not null then
        raise exception using
            errcode = 'UC016',
            message = format('This service may not do that: it goes beyond its cap %s', v_beyond ->> 'cap'),
            detail = v_beyond::text,
            hint = 'Have the service''s row in credits.service_caps changed';
    end if;
end
$$;

comment on function credits._check_cap is
'Raises UC016 when the caller has caps and this operation, app or amount is beyond them; counts what a caller with a
daily cap moves. Called last before credits move, so that retries and refusals count nothing';
