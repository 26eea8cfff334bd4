-- The login of the API, with the password in the variable "password"; safe to run again, also to change the password.
-- psql -v ON_ERROR_STOP=1 -v password=… -f logins.sql
select 'create role mana_api' where not exists (select from pg_catalog.pg_roles where rolname = 'mana_api') \gexec
alter role mana_api with login password :'password';
grant credits_api to mana_api;
alter role mana_api set statement_timeout = '10s';
alter role mana_api set lock_timeout = '5s';
-- Its calls are short: to compile one takes longer than to run it.
alter role mana_api set jit = off;
