-- The account follows its rows, whoever writes them.
create trigger fold_reservation after insert or update on credits.reservations for each row execute function credits._fold_reservation();

-- What follows a ledger is never written directly.
create trigger protect_reservations before insert or update or delete on credits.reservations
    for each row execute function credits._protect_reservations();
create trigger protect_from_truncate before truncate on credits.reservations for each statement execute function credits._protect_reservations();
