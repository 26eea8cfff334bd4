create or replace function credits._prove_entry() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_owned numeric;
    v_total_spent numeric;
    v_number bigint;
    v_at timestamptz;
begin
    select e.available + e.reserved - e.debt, e.total_spent, e.number, e.created_at
    into v_owned, v_total_spent, v_number, v_at
    from credits.entries e
    where e.account_id = new.account_id and e.kind = new.kind and e.sequence = new.sequence - 1;
    if (
        (found or new.sequence = 1)
        and coalesce(v_owned, 0) + new.amount = new.available + new.reserved - new.debt
        and (new.available = 0 or new.debt = 0)
        and new.debt <= new.clawed_back
        and coalesce(v_total_spent, 0) - new.total_spent = case when new.amount < 0 or new.reversal then new.amount else 0 end
        and new.number - coalesce(v_number, 0) = case when new.amount = 0 then 0 else 1 end
        and (v_at between new.created_at and new.created_at + interval '1 hour') is not true
    ) is not true then
        raise exception using
            errcode = 'UC017',
            message = 'An entry must continue the chain of its account',
            hint = 'Move credits with the functions of the schemas credits and gifts';
    end if;
    return new;
end
$$;

comment on function credits._prove_entry() is
    'Trigger: refuses an entry whose predecessor is not there, or whose figures do not follow from it (UC017): what was owned and the amount make what is owned, '
    'a debt excludes what is available and is bounded by what was clawed back, total_spent and number move by what was moved, and time goes on';
