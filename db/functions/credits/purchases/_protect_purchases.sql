create or replace function credits._protect_purchases() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'What was bought, its price and a completed payment never change',
        hint = 'Correct a mistake by a new ledger row: a refund or a grant';
end
$$;

comment on function credits._protect_purchases() is
    'Trigger: refuses to change what was bought or for how much, to undo a completed purchase, and every delete (UC017)';
