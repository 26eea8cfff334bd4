-- Before the first use of a pool is compared with the member's limits.
create trigger restore_block after insert on credits.members for each row execute function credits._restore_block();
alter table credits.members enable always trigger restore_block;
