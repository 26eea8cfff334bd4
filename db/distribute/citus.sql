-- Spreads a deployed database over the workers of a Citus cluster, by account. `make distribute` sees to what has to be
-- there first, runs this in one transaction, and deploys again. That brings back the triggers and views that this
-- drops. docs/scale.md says what all of it rests on. What lies in its place already is left alone.

create temporary table to_place (
    relation regclass primary key,
    distribution_column text
) on commit drop;
insert into to_place (relation, distribution_column)
values
    -- 1. By account, all in one group: a person's, a pool's or a gift's rows lie on one worker.
    ('credits.accounts', 'account_id'),
    ('credits.entries', 'account_id'),
    ('credits.reservations', 'account_id'),
    ('credits.lots', 'account_id'),
    ('credits.lot_movements', 'account_id'),
    ('credits.seals', 'account_id'),
    ('credits.rule_history', 'account_id'),
    ('credits.admin_actions', 'account_id'),
    ('credits.erasures', 'place'),
    ('credits.outbox', 'account_id'),
    ('credits.reconciled_accounts', 'account_id'),
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
    ('credits.service_cap_usage', 'caller'),
    -- In a group of its own: known by hashes alone.
    ('credits.tombstones', 'account_hash'),
    -- 2. The same on every node: read by nearly every call, written rarely.
    ('credits.settings', null),
    ('credits.address_key', null),
    ('credits.packages', null),
    ('credits.prices', null),
    ('credits.service_caps', null),
    ('credits.service_keys', null),
    ('credits.erasure_requests', null);
-- 3. All others stay what they are, on the coordinator: queues read across all accounts, the work of background jobs,
-- and records of the whole.

delete from to_place p
using pg_dist_partition d
where d.logicalrelid = p.relation;

-- Many tables and functions in one transaction.
set local citus.multi_shard_modify_mode = 'sequential';
-- Each trigger touches rows of its own account only, which Citus cannot know.
set local citus.enable_unsafe_triggers = on;

-- Only columns of the same type can be colocated, and the domain is another type than the text of the ledgers. From the
-- domain to its text nothing is rewritten (the other way round the ledgers would be); its rule stays as a constraint.
-- Views stand in the way of that, triggers in that of moving rows.
do $$
declare
    v record;
begin
    for v in
        select n.nspname, c.relname
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('credits', 'gifts', 'reconcile') and c.relkind = 'v' and exists (select from to_place)
    loop
        execute format('drop view if exists %I.%I cascade', v.nspname, v.relname);
    end loop;
    for v in
        select t.tgname, t.tgrelid::regclass as relation
        from pg_catalog.pg_trigger t
        join to_place p on p.relation = t.tgrelid
        where not t.tgisinternal
    loop
        execute format('drop trigger %I on %s', v.tgname, v.relation);
    end loop;
    for v in
        select p.relation, c.relname, a.attname
        from to_place p
        join pg_catalog.pg_class c on c.oid = p.relation
        join pg_catalog.pg_attribute a on a.attrelid = p.relation and a.attname = p.distribution_column
        where a.atttypid = 'credits.account_id'::regtype
    loop
        execute format(
            'alter table %s alter column %I type text, add constraint %I check (%I::credits.account_id is not null)',
            v.relation, v.attname, v.relname || '_' || v.attname || '_is_plain_text', v.attname
        );
    end loop;
    -- An unlogged table in the group keeps all of it from being moved while it is written to.
    for v in
        select p.relation
        from to_place p
        join pg_catalog.pg_class c on c.oid = p.relation
        where c.relpersistence = 'u'
    loop
        execute format('alter table %s set logged', v.relation);
    end loop;
    for v in select * from to_place p where p.distribution_column is null order by p.relation::text loop
        perform create_reference_table(v.relation);
    end loop;
    -- The accounts first, and what a foreign key leads to before what it leads from.
    for v in
        select *
        from to_place p
        where p.distribution_column is not null
        order by
            p.relation <> 'credits.accounts'::regclass,
            exists (select from pg_catalog.pg_constraint f where f.contype = 'f' and f.conrelid = p.relation),
            p.relation::text
    loop
        perform create_distributed_table(
            v.relation, v.distribution_column,
            colocate_with => case
                when v.relation in ('credits.accounts'::regclass, 'credits.tombstones'::regclass) then 'none'
                else 'credits.accounts'
            end
        );
    end loop;
end
$$;

-- One role moves credits and writes the ledger. Each role reaches the other nodes by a connection of its own, and two
-- would wait for each other.
do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid from pg_catalog.pg_proc p
        where p.pronamespace = 'credits'::regnamespace and p.proowner = 'credits_ledger'::regrole
    loop
        execute format('alter function %s owner to credits_owner', v_function);
    end loop;
end
$$;
update credits.settings set spread = true where not spread;

-- Functions. All of them exist on every node, since no catalog knows which helpers a PL/pgSQL function calls. Those
-- that touch one account, named by an argument, run where it lies.
create temporary table delegated (name text primary key, argument text not null, inside boolean) on commit drop;
insert into delegated (name, argument, inside)
values
    ('use_credits', 'p_user_id', null),
    ('refund_credits', 'p_user_id', null),
    ('grant_credits', 'p_user_id', null),
    ('init_balance', 'p_user_id', null),
    ('get_balance', 'p_user_id', null),
    ('list_transactions', 'p_user_id', null),
    ('set_limits', 'p_user_id', null),
    ('set_guild_limits', 'p_organization_id', null),
    ('set_spending_limits', 'p_organization_id', null),
    ('use_guild_credits', 'p_organization_id', null),
    ('init_guild_pool', 'p_organization_id', null),
    ('get_guild_balance', 'p_organization_id', null),
    ('list_guild_transactions', 'p_organization_id', null),
    -- Also from inside another function, which is all that calls them.
    ('_use_batch_there', 'p_place', true),
    ('_erase_in_place', 'p_place', true);
do $$
declare
    v record;
begin
    for v in
        select p.oid::regprocedure as function, d.argument, d.inside
        from pg_catalog.pg_proc p
        left join delegated d on d.name = p.proname and p.pronamespace = 'credits'::regnamespace
        left join pg_dist_object o on o.classid = 'pg_catalog.pg_proc'::regclass and o.objid = p.oid
        where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and p.prokind = 'f'
            and (o.objid is null or (o.distribution_argument_index is null) <> (d.argument is null))
            -- Those that name the rows of a table of the coordinator run there alone.
            and not exists (
                select
                from pg_catalog.pg_depend e
                join pg_catalog.pg_type t on t.oid = e.refobjid
                join pg_catalog.pg_class c on c.oid = t.typrelid and c.relkind = 'r'
                where e.classid = 'pg_catalog.pg_proc'::regclass
                    and e.objid = p.oid
                    and e.refclassid = 'pg_catalog.pg_type'::regclass
                    and not exists (select from pg_dist_partition n where n.logicalrelid = c.oid)
            )
        order by p.oid::regprocedure::text
    loop
        if v.argument is null then
            perform create_distributed_function(v.function);
        else
            perform create_distributed_function(v.function, v.argument, 'credits.accounts', v.inside);
        end if;
    end loop;
end
$$;

-- An entry names who called, also where another machine writes it for them.
do $$
begin
    if not exists (
        select
        from pg_catalog.pg_attrdef d
        join pg_catalog.pg_depend e on e.classid = 'pg_catalog.pg_attrdef'::regclass and e.objid = d.oid
        where d.adrelid = 'credits.entries'::regclass and e.refobjid = 'credits._login()'::regprocedure
    ) then
        alter table credits.entries alter column called_by set default credits._login();
        delete from credits.deployed;
    end if;
end
$$;

-- 4. What is left would stay on the coordinator's disk, an erased person's text among it. What refers to something goes
-- before it.
do $$
declare
    v record;
begin
    for v in
        select p.relation
        from to_place p
        order by
            exists (select from pg_catalog.pg_constraint f where f.contype = 'f' and f.confrelid = p.relation),
            p.relation::text
    loop
        perform truncate_local_data_after_distributing_table(v.relation);
    end loop;
end
$$;

-- What is there is meant to be there: the deployment that follows records it anew.
delete from credits.deployed where exists (select from to_place);
