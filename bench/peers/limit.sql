-- The limit: tables of the same columns, types, defaults, indexes and fill factor as ours, with the same rows in them, and nothing that
-- watches over them: no CHECK, no trigger, no foreign key.

create table bench.balances (like credits.balances including defaults including indexes including storage) with (fillfactor = 70);
insert into bench.balances select * from credits.balances;

create table bench.transactions (like credits.transactions including defaults including indexes including storage);
-- In the order in which ours were written, so that the indexes are filled alike.
insert into bench.transactions select * from credits.transactions order by ctid;
