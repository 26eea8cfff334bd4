-- The roles of the contract and the schemas they own. Roles belong to the whole cluster, so another database may already have made them.

do $$
declare
    v_role text;
begin
    foreach v_role in array array['credits_owner', 'credits_ledger', 'credits_api', 'credits_service', 'credits_auditor'] loop
        begin
            execute format('create role %I nologin', v_role);
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
    -- Whoever deploys acts as the owner, and makes the functions that write the ledger; a superuser may do so anyway.
    if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        execute format('grant credits_owner, credits_ledger to %I', current_user);
    end if;
end
$$;

create schema if not exists credits authorization credits_owner;
create schema if not exists gifts authorization credits_owner;
create schema if not exists reconcile authorization credits_owner;
create schema if not exists reconcile_new authorization credits_owner;

-- Only the global form takes EXECUTE away from PUBLIC; a form limited to a schema can only add to it.
alter default privileges for role credits_owner revoke execute on functions from public;
alter default privileges for role credits_ledger revoke execute on functions from public;
alter default privileges for role credits_ledger grant execute on functions to credits_owner;

comment on schema credits is 'Balances, guild pools and purchases: tables, and the functions that are the only way to move credits';
comment on schema gifts is 'Gift codes and their redemptions';
comment on schema reconcile is 'The books, proved: every view in here is empty when all is well';
comment on schema reconcile_new is
    'The checks of the schema reconcile over what is newer than the last clean run: a view here stands in for its namesake there in a run of scope new';
