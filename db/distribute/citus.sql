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
select create_reference_table('credits.prices');
select create_reference_table('credits.service_caps');
select create_reference_table('credits.service_keys');
select create_reference_table('credits.event_consumers');
select create_reference_table('credits.erasure_requests');
select create_reference_table('credits.tombstones');

-- 3. By account, all in one group: a person's, a pool's or a gift's rows lie on one worker. What is last copies no row twice, and leaves none behind:
-- rows would stay on the coordinator's disk, an erased person's text among them.
do $$
declare
    v record;
begin
    for v in
        select *
        from (
            values
                ('credits.accounts', 'account_id'),
                ('credits.entries', 'account_id'),
                ('credits.reservations', 'account_id'),
                ('credits.lots', 'account_id'),
                ('credits.lot_movements', 'account_id'),
                ('credits.seals', 'account_id'),
                ('credits.rule_history', 'account_id'),
                ('credits.admin_actions', 'account_id'),
                ('credits.erasures', 'account_id'),
                ('credits.spending_limits', 'account_id'),
                ('credits.guild_spending_limits', 'organization_id'),
                ('credits.members', 'user_id'),
                ('credits.usage_folds', 'user_id'),
                ('credits.usage_marks', 'user_id'),
                ('credits.purchases', 'user_id'),
                ('credits.purchase_disputes', 'user_id'),
                ('credits.stripe_customers', 'user_id'),
                ('credits.known_addresses', 'user_id'),
                ('gifts.gift_codes', 'code'),
                ('gifts.gift_redemptions', 'code'),
                -- Not accounts, but counted under a key of their own; a user's attempts lie with the user's account.
                ('credits.attempts', 'subject'),
                ('credits.service_cap_usage', 'caller')
        ) t (relation, distribution_column)
    loop
        perform create_distributed_table(
            v.relation::regclass, v.distribution_column,
            colocate_with => case when v.relation = 'credits.accounts' then 'none' else 'credits.accounts' end
        );
        perform truncate_local_data_after_distributing_table(v.relation::regclass);
    end loop;
end
$$;

-- All others stay what they are on the coordinator: queues read across all accounts, the work of background jobs, and records of the whole.

-- 4. Functions. All of them exist on every node, since no catalog knows which helpers a PL/pgSQL function calls.
select create_distributed_function(p.oid::regprocedure)
from pg_catalog.pg_proc p
where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace) and p.prokind = 'f'
order by p.oid::regprocedure::text;

-- Those that touch one account, named by an argument, run where it lies.
select create_distributed_function(p.oid::regprocedure, d.argument, 'credits.accounts')
from (
    values
        ('use_credits', 'p_user_id'),
        ('refund_credits', 'p_user_id'),
        ('grant_credits', 'p_user_id'),
        ('init_balance', 'p_user_id'),
        ('get_balance', 'p_user_id'),
        ('list_transactions', 'p_user_id'),
        ('use_guild_credits', 'p_organization_id'),
        ('init_guild_pool', 'p_organization_id'),
        ('get_guild_balance', 'p_organization_id'),
        ('list_guild_transactions', 'p_organization_id')
) d (name, argument)
join pg_catalog.pg_proc p on p.pronamespace = 'credits'::regnamespace and p.proname = d.name
order by d.name;

-- 5. What is there is meant to be there: the deployment that follows records it anew.
delete from credits.deployed;
