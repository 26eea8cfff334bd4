create or replace function credits._fold_dated_movement() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update credits.dated_credits set remaining = remaining + new.amount
    where user_id = new.user_id and id = new.dated_id;
    perform credits._note_next_expiry(new.user_id);
    return null;
end
$$;

comment on function credits._fold_dated_movement() is
    'Trigger: folds a movement into what is left of dated credits, and keeps the balance''s next_expiry';
