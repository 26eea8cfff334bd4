create or replace function credits._protect_reservations() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.status = 'held' then
            return new;
        end if;
    elsif tg_op = 'UPDATE' then
        if (
                old.id, old.organization_id, old.amount, old.app_id, old.spending_day, old.called_by, old.created_at,
                old.expires_at, old.balance_after_hold
            ) is not distinct from (
                new.id, new.organization_id, new.amount, new.app_id, new.spending_day, new.called_by, new.created_at,
                new.expires_at, new.balance_after_hold
            )
            and (
                old.status = 'held'
                or (old.status, old.committed_amount, old.ended_at) = (new.status, new.committed_amount, new.ended_at)
            )
            and (old.transaction_id is null or old.transaction_id = new.transaction_id)
            and (old.user_id = new.user_id or (credits._is_pseudonym(new.user_id) and old.status <> 'held'))
        then
            return new;
        end if;
    end if;
    raise exception using
        errcode = 'UC017',
        message = 'A reservation is made once and ends once',
        hint = 'Use credits.reserve_credits, credits.commit_reservation and credits.release_reservation';
end
$$;

comment on function credits._protect_reservations() is
    'Trigger: refuses to change what is held, for whom, or how a reservation ended, and every delete (UC017), but for a pseudonym once it has ended';
