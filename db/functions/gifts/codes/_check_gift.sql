create or replace function gifts._check_gift() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_charged numeric := gifts._moved(new.creator_id, new.reservation_transaction_id, new.id);
    v_returned numeric := coalesce(gifts._moved(new.creator_id, new.refund_transaction_id, new.id), 0);
begin
    if v_charged is distinct from -new.total_credits or v_returned is distinct from new.refunded_credits then
        raise exception using
            errcode = 'UC017',
            message = 'A gift needs the ledger rows that charged and refunded it',
            hint = 'Use gifts.create_gift, gifts.cancel_gift and gifts.expire_gifts';
    end if;
    return null;
end
$$;

comment on function gifts._check_gift() is
    'Trigger: refuses a gift whose charge or refund is not in its creator''s ledger (UC017)';
