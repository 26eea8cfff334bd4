create or replace function credits._is_new_guild_key(p_organization_id text, p_idempotency_key text, p_reservations_count bigint)
returns boolean
-- Volatile as _is_new_key is.
language plpgsql volatile
as $$
begin
    perform
    from credits.guild_transactions t
    where t.organization_id = p_organization_id and t.idempotency_key = p_idempotency_key;
    if found then
        return false;
    end if;
    if p_reservations_count > 0 then
        perform
        from credits.reservations r
        where r.account_id = p_organization_id and r.organization_id is not null and r.idempotency_key = p_idempotency_key;
        return not found;
    end if;
    return true;
end
$$;

comment on function credits._is_new_guild_key(text, text, bigint) is
    'Whether no movement and no reservation of a guild''s pool has this key, as of now; p_reservations_count as in the pool';
