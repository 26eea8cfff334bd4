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
                old.balance_after_hold, old.continues
            ) is not distinct from (
                new.id, new.organization_id, new.amount, new.app_id, new.spending_day, new.called_by, new.created_at,
                new.balance_after_hold, new.continues
            )
            and (
                (old.expires_at, old.extended_at, old.first_expires_at)
                    is not distinct from (new.expires_at, new.extended_at, new.first_expires_at)
                or (
                    (old.status, new.status) = ('held', 'held')
                    and new.extended_at is not null
                    and new.first_expires_at = coalesce(old.first_expires_at, old.expires_at)
                )
            )
            and (
                case old.status
                    when 'held' then not new.committed_late
                    when 'expired' then old.ended_at = new.ended_at
                        and new.status <> 'held' and new.committed_late = (new.status = 'committed')
                    else (old.status, old.committed_amount, old.committed_late, old.ended_at)
                        = (new.status, new.committed_amount, new.committed_late, new.ended_at)
                end
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
        hint = 'Use credits.reserve_credits, credits.extend_reservation, credits.commit_reservation and credits.release_reservation';
end
$$;

comment on function credits._protect_reservations() is
    'Trigger: refuses to change what is held, for whom, or how a reservation ended, and every delete (UC017), but for an extension, for what becomes of it past its time, and for a pseudonym once it has ended';
