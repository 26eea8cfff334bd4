create or replace function gifts._check_redeemer() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if gifts._moved(new.redeemer_user_id, new.credit_transaction_id, new.gift_code_id) is distinct from new.credits_received then
        perform credits._refuse_part_of_erasure();
    end if;
    return null;
end
$$;

comment on function gifts._check_redeemer() is
    'Trigger: refuses to give a redemption a pseudonym without the ledger row that credited it (UC017)';
