-- There is one row, and it stays as it is. With another key no erasure would find the gifts for people met before.
create trigger protect_ledger before update or delete or truncate on credits.address_key
for each statement execute function credits._protect_ledger();
alter table credits.address_key enable always trigger protect_ledger;
