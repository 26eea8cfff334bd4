-- After db/functions/grants.sql, where accounts are spread: the owner is the role that writes the ledger there.
grant insert on credits.entries to credits_owner;
