create or replace function credits._fold_dated() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_table_name = 'dated_movements' then
        update credits.dated_credits set remaining = remaining + new.amount
        where user_id = new.user_id and id = new.dated_id;
    elsif new.remaining <> new.granted or not exists (
        select from credits.transactions t
        where t.user_id = new.user_id and t.id = new.id and t.type = 'grant' and t.amount = new.granted
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'Dated credits need the ledger row that granted them',
            hint = 'Grant credits with credits.grant_credits';
    end if;
    update credits.balances
    set next_expiry = (
        select min(d.expires_at) from credits.dated_credits d where d.user_id = new.user_id and d.remaining > 0
    )
    where user_id = new.user_id;
    return null;
end
$$;

comment on function credits._fold_dated() is
    'Trigger: folds movements into what is left of dated credits, and keeps the balance''s next_expiry; refuses dated credits that nobody granted (UC017)';
