-- Seals are never changed.
create trigger protect_ledger before update or delete on credits.guild_seals for each row execute function credits._protect_ledger();
alter table credits.guild_seals enable always trigger protect_ledger;
create trigger protect_ledger_from_truncate before truncate on credits.guild_seals for each statement execute function credits._protect_ledger();
alter table credits.guild_seals enable always trigger protect_ledger_from_truncate;
