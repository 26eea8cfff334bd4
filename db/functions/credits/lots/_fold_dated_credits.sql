create or replace function credits._fold_dated_credits() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.remaining <> new.granted or not exists (
        select from credits.transactions t
        where t.user_id = new.user_id and t.id = new.id and t.type = 'grant' and t.amount = new.granted
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'Dated credits need the ledger row that granted them',
            hint = 'Grant credits with credits.grant_credits';
    end if;
    perform credits._note_next_expiry(new.user_id);
    return null;
end
$$;

comment on function credits._fold_dated_credits() is
    'Trigger: keeps the balance''s next_expiry; refuses dated credits that nobody granted (UC017)';
