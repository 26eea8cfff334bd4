create or replace function credits._check_purchase() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Once completed it stays so, and its entry too.
    if tg_op = 'UPDATE' and old.status = 'completed' then
        return null;
    end if;
    if not exists (
        select from credits.entries e
        where e.account_id = new.user_id
            and e.kind = 'person'
            and e.type = 'purchase'
            and e.reference_id = new.id::text
            and e.id = new.transaction_id
            and e.amount = new.credits
    ) and not exists (
        select from credits.entries e
        where e.account_id = new.user_id
            and e.kind = 'person'
            and e.type = 'grant'
            and e.reference_id = 'opening'
            and e.id = new.transaction_id
            and e.created_at >= new.completed_at
    ) then
        raise exception using
            errcode = 'UC017',
            message = 'A completed purchase needs the entry that credited it',
            hint = 'Complete purchases with credits.complete_purchase';
    end if;
    return null;
end
$$;

comment on function credits._check_purchase() is
    'Trigger: refuses (UC017) a completed purchase without an entry of its size in the buyer''s account. An opening '
    'entry will do for one that was bought before it';
