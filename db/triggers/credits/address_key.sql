-- There is one row, and it stays as it is: with another key no erasure would find the gifts for people who were met before.
create trigger protect_address_key before update or delete on credits.address_key for each row execute function credits._protect_ledger();
create trigger protect_from_truncate before truncate on credits.address_key for each statement execute function credits._protect_ledger();
alter table credits.address_key enable always trigger protect_address_key;
alter table credits.address_key enable always trigger protect_from_truncate;
