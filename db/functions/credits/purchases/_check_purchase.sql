create or replace function credits._check_purchase() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from credits.transactions t
        where t.user_id = new.user_id
            and t.id = new.transaction_id
            and t.type = 'purchase'
            and t.amount = new.credits
            and t.reference_id = new.id::text
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'A completed purchase needs the ledger row that credited it',
            hint = 'Complete purchases with credits.complete_purchase';
    end if;
    return null;
end
$$;

comment on function credits._check_purchase() is 'Trigger: refuses a completed purchase without the ledger row of the same size (UC017)';
