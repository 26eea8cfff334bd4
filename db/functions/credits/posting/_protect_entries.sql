create or replace function credits._protect_entries() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Not in the trigger's WHEN, which PostgreSQL copies in every statement that inserts.
    if tg_op = 'UPDATE' and (
        old.kind, old.sequence, old.id, old.created_at, old.due_after, old.ends_at, old.number, old.type, old.reversal,
        old.spending_day, old.running_day, old.amount, old.available, old.reserved, old.debt, old.clawed_back,
        old.total_spent, old.spent_that_day, old.spent_that_month, old.spent_that_week, old.lot_id, old.lot_taken,
        old.lot_left, old.app_id, old.called_by, old.charge
    ) is not distinct from (
        new.kind, new.sequence, new.id, new.created_at, new.due_after, new.ends_at, new.number, new.type, new.reversal,
        new.spending_day, new.running_day, new.amount, new.available, new.reserved, new.debt, new.clawed_back,
        new.total_spent, new.spent_that_day, new.spent_that_month, new.spent_that_week, new.lot_id, new.lot_taken,
        new.lot_left, new.app_id, new.called_by, new.charge
    )
        and (
            old.kind = 'person' and old.other_id is not distinct from new.other_id
                and credits._is_erasure(old.account_id, old.account_id, new.account_id)
            or old.kind = 'pool' and old.account_id = new.account_id
                and credits._is_erasure(old.account_id, old.other_id, new.other_id)
        )
        and new.description in ('', old.description)
        and new.metadata in ('{}', old.metadata)
        and (new.idempotency_key is null or new.idempotency_key is not distinct from old.idempotency_key)
        and (new.request_id is null or new.request_id is not distinct from old.request_id)
        and (old.reference_id is not distinct from new.reference_id or new.reference_id is null and old.type = 'grant')
    then
        return new;
    end if;
    raise exception using
        errcode = 'UC017',
        message = 'Entries are never changed or deleted',
        hint = 'Correct a mistake by a new entry: a refund or a grant';
end
$$;

comment on function credits._protect_entries is
'Trigger: refuses every update and delete of entries (UC017), but for an erasure. In that a pseudonym takes the place of
a person, and their texts are emptied';
