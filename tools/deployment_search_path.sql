-- What the deployer sets before it applies the files that pgspot is shown after this one.
set search_path = pg_catalog, pg_temp;
