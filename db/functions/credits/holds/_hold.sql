create or replace function credits._hold(p_terms credits.reservations, p_available numeric) returns credits.reservations
language plpgsql
as $$
declare
    v_held credits.reservations;
begin
    if p_available < p_terms.amount then
        perform credits._refuse_insufficient(p_terms.amount, p_available);
    end if;
    insert into credits.reservations (
        account_id, id, user_id, organization_id, amount, app_id, reason, idempotency_key, continues, spending_day,
        balance_after_hold, created_at, expires_at
    )
    values (
        coalesce(p_terms.organization_id, p_terms.user_id), credits._new_id(), p_terms.user_id, p_terms.organization_id,
        p_terms.amount, p_terms.app_id, p_terms.reason, p_terms.idempotency_key, p_terms.continues,
        case when p_terms.organization_id is not null then credits._limits_day() end,
        p_available - p_terms.amount, p_terms.created_at, p_terms.expires_at
    )
    returning * into v_held;
    if v_held.organization_id is null then
        perform credits._take_dated(v_held.account_id, v_held.id, v_held.amount, v_held.created_at);
    end if;
    return v_held;
end
$$;

comment on function credits._hold(credits.reservations, numeric) is
    'Sets credits aside on the given terms, from p_available of an account that the caller has locked; dated credits first. Raises UC002, and UC003 beyond a member''s limit';
