create or replace function credits._refuse_key_of_reservation(p_account_id text, p_of_guild boolean, p_idempotency_key text)
returns void
language plpgsql
as $$
begin
    if exists (
        select from credits.reservations
        where account_id = p_account_id
            and (organization_id is not null) = p_of_guild
            and idempotency_key = p_idempotency_key
    ) then
        perform credits._refuse_reused_key(p_idempotency_key);
    end if;
end
$$;

comment on function credits._refuse_key_of_reservation(text, boolean, text) is
    'Raises UC004 when a reservation of this account was made under the key. Called only for accounts that have ever made one';
