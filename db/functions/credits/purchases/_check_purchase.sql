create or replace function credits._check_purchase() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry credits.entries;
begin
    -- Once completed it stays so, and its entry too.
    if tg_op = 'UPDATE' and old.status = 'completed' then
        return null;
    end if;
    v_entry := credits._of_id(new.user_id, 'person', new.transaction_id);
    if (
        v_entry.type = 'purchase' and v_entry.reference_id = new.id::text and v_entry.amount = new.credits
        or v_entry.type = 'grant' and v_entry.reference_id = 'opening' and v_entry.created_at >= new.completed_at
    ) is not true then
        raise exception using
            errcode = 'UC017',
            message = 'A completed purchase needs the entry that credited it',
            hint = 'Complete purchases with credits.complete_purchase';
    end if;
    return null;
end
$$;

comment on function credits._check_purchase is
'Trigger: refuses (UC017) a completed purchase without an entry of its size in the buyer''s account. An opening entry
will do for one that was bought before it';
