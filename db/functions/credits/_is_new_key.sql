create or replace function credits._is_new_key(p_user_id text, p_idempotency_key text, p_reservations_count bigint) returns boolean
-- Volatile, though it changes nothing: an update that has waited for the balance asks once more, and then has to see what the other one wrote.
language plpgsql volatile
as $$
begin
    perform from credits.transactions t where t.user_id = p_user_id and t.idempotency_key = p_idempotency_key;
    if found then
        return false;
    end if;
    if p_reservations_count > 0 then
        perform
        from credits.reservations r
        where r.account_id = p_user_id and r.organization_id is null and r.idempotency_key = p_idempotency_key;
        return not found;
    end if;
    return true;
end
$$;

comment on function credits._is_new_key(text, text, bigint) is
    'Whether no movement and no reservation of a user''s account has this key, as of now; p_reservations_count as in the balance';
