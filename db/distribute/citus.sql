-- Spreads a deployed database over the workers of a Citus cluster, by account. docs/scale.md says what this rests on, what has to be there before
-- (roles first), what does not work there, and that it has not been run against Citus with this schema.
--
--     psql -v ON_ERROR_STOP=1 -1 -f db/distribute/citus.sql <superuser's URL of the coordinator>
--     MIGRATION_DATABASE_URL=<the same URL> python -m deploy migrate     -- brings back the triggers and views that this script drops
--
-- With no service running: between the two commands nothing protects the books.

-- Each trigger touches rows of its own account only, which Citus cannot know.
do $$
begin
    execute format('alter database %I set citus.enable_unsafe_triggers = on', current_database());
end
$$;
set citus.enable_unsafe_triggers = on;

-- 1. One type. Only columns of the same type can be colocated, and the domain is another type than the text of the ledgers. From the domain to its text
-- nothing is rewritten (the other way round the ledgers would be); its rule stays as a constraint. Triggers and views stand in the way of that.
do $$
declare
    v record;
begin
    for v in select schemaname, viewname from pg_catalog.pg_views where schemaname in ('credits', 'gifts', 'reconcile') loop
        execute format('drop view if exists %I.%I cascade', v.schemaname, v.viewname);
    end loop;
    for v in
        select t.tgname, t.tgrelid::regclass as relation
        from pg_catalog.pg_trigger t
        join pg_catalog.pg_class c on c.oid = t.tgrelid
        where c.relnamespace in ('credits'::regnamespace, 'gifts'::regnamespace) and not t.tgisinternal
    loop
        execute format('drop trigger %I on %s', v.tgname, v.relation);
    end loop;
    for v in
        select i.indrelid::regclass as relation, c.relname, a.attname
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indrelid
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indisprimary and a.atttypid = 'credits.account_id'::regtype
    loop
        execute format(
            'alter table %s alter column %I type text, add constraint %I check (%I::credits.account_id is not null)',
            v.relation, v.attname, v.relname || '_' || v.attname || '_is_plain_text', v.attname
        );
    end loop;
end
$$;

-- The one uniqueness that does not begin with the distribution column. Ids are unique by themselves; the index is there for lists.
drop index gifts.gift_codes_by_creator;
create index gift_codes_by_creator on gifts.gift_codes (creator_id, id);

-- 2. The same on every node: read by nearly every call, written rarely.
select create_reference_table('credits.settings');
select create_reference_table('credits.address_key');
select create_reference_table('credits.packages');
select create_reference_table('credits.service_caps');
select create_reference_table('credits.event_consumers');

-- 3. By account, all in one group: a person's, a pool's or a gift's rows lie on one worker.
select create_distributed_table('credits.balances', 'user_id', colocate_with => 'none');
select create_distributed_table('credits.transactions', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.seals', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.usage_marks', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.usage_folds', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.dated_credits', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.dated_movements', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.purchases', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.purchase_disputes', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.stripe_customers', 'user_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.known_addresses', 'user_id', colocate_with => 'credits.balances');
-- Of a person or of a pool: why people and pools are in one group.
select create_distributed_table('credits.reservations', 'account_id', colocate_with => 'credits.balances');

select create_distributed_table('credits.guild_pools', 'organization_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.guild_transactions', 'organization_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.guild_seals', 'organization_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.guild_member_spending', 'organization_id', colocate_with => 'credits.balances');
select create_distributed_table('credits.guild_spending_limits', 'organization_id', colocate_with => 'credits.balances');

select create_distributed_table('gifts.gift_codes', 'code', colocate_with => 'credits.balances');
select create_distributed_table('gifts.gift_redemptions', 'code', colocate_with => 'credits.balances');

-- Not accounts, but counted under a key of their own; a user's attempts lie with the user's account.
select create_distributed_table('credits.attempts', 'subject', colocate_with => 'credits.balances');
select create_distributed_table('credits.service_cap_usage', 'caller', colocate_with => 'credits.balances');

-- 4. On the coordinator, known to the workers: queues read across all accounts, the work of background jobs, and records of the whole.
select citus_add_local_table_to_metadata('credits.outbox');
select citus_add_local_table_to_metadata('credits.events');
select citus_add_local_table_to_metadata('credits.event_log');
select citus_add_local_table_to_metadata('credits.webhooks', cascade_via_foreign_keys => true);
select citus_add_local_table_to_metadata('credits.webhook_secrets', cascade_via_foreign_keys => true);
select citus_add_local_table_to_metadata('credits.job_claims');
select citus_add_local_table_to_metadata('credits.figures');
select citus_add_local_table_to_metadata('credits.reconciled_accounts');
select citus_add_local_table_to_metadata('credits.reconciliations');
select citus_add_local_table_to_metadata('credits.deployed');
select citus_add_local_table_to_metadata('credits.stripe_customer_deletions');

-- 5. Functions. All of them exist on every node, since no catalog knows which helpers a PL/pgSQL function calls.
select create_distributed_function(p.oid::regprocedure)
from pg_catalog.pg_proc p
where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace) and p.prokind = 'f'
order by p.oid::regprocedure::text;

-- Those that touch one account, named by an argument, run where it lies.
select create_distributed_function(p.oid::regprocedure, d.argument, 'credits.balances')
from (
    values
        ('use_credits', 'p_user_id'),
        ('grant_credits', 'p_user_id'),
        ('get_balance', 'p_user_id'),
        ('list_transactions', 'p_user_id'),
        ('use_guild_credits', 'p_organization_id'),
        ('get_guild_balance', 'p_organization_id'),
        ('list_guild_transactions', 'p_organization_id')
) d (name, argument)
join pg_catalog.pg_proc p on p.pronamespace = 'credits'::regnamespace and p.proname = d.name
order by d.name;

-- 6. What is there is meant to be there: the deployment that follows records it anew.
delete from credits.deployed;
