create or replace view reconcile.protection_off as
with found (account, what) as (
    select t.relation, format('trigger %s: %s', t.name, t.fault)
    from credits._triggers t
    where t.fault is not null
    union all
    -- A key is a constraint and a unique index. A constraint that is not valid is not enforced for all rows, from PostgreSQL 18 on perhaps for none.
    select n.relation, format('constraint %s', n.name)
    from (select c.relation, unnest(c.names) as name from credits._constraints c) n
    where not exists (
        select from pg_catalog.pg_constraint c
        where c.conname = n.name
            and case c.contypid when 0 then c.conrelid = to_regclass(n.relation) else c.contypid = to_regtype(n.relation) end
            and c.convalidated
            -- A foreign key is enforced by triggers, which are disabled with all others of a table.
            and not exists (select from pg_catalog.pg_trigger t where t.tgconstraint = c.oid and t.tgenabled <> 'O')
    ) and not exists (
        select from pg_catalog.pg_index i
        join pg_catalog.pg_class r on r.oid = i.indexrelid
        where i.indrelid = to_regclass(n.relation) and r.relname = n.name and i.indisunique and i.indisvalid
    )
    union all
    select c.relation, format('not null of %s', a.attname)
    from credits._constraints c
    join pg_catalog.pg_attribute a on a.attrelid = to_regclass(c.relation)
    where a.attnum > 0 and not a.attisdropped and not a.attnotnull and a.attname <> all (c.may_be_null)
)
select account, what, 1 as expected, 0 as actual, -1 as difference
from found
union all
-- Rows of a table that inherits count as rows of ours, and nothing of ours protects them.
select i.inhparent::regclass::text, format('inherited by %s', i.inhrelid::regclass), 0, 1, 1
from pg_catalog.pg_inherits i
join credits._constraints c on to_regclass(c.relation) = i.inhparent
union all
-- Only functions that move a balance and write its row in one statement set credits.posting, for that statement. Where the replication role is
-- replica, only triggers that are always on are.
select coalesce(d.datname, r.rolname, 'all'), 'setting ' || split_part(c.setting, '=', 1), 0, 1, 1
from pg_catalog.pg_db_role_setting s
cross join lateral unnest(s.setconfig) as c (setting)
left join pg_catalog.pg_database d on d.oid = s.setdatabase
left join pg_catalog.pg_roles r on r.oid = s.setrole
where s.setdatabase in (0, (select o.oid from pg_catalog.pg_database o where o.datname = current_database()))
    and (c.setting like 'credits.posting=%' or c.setting = 'session_replication_role=replica');

comment on view reconcile.protection_off is
    'Protection of the books that is missing, changed or off: triggers (there, defined and enabled as they should be; columns and the text of a WHEN as far '
    'as the comment tells), CHECKs, keys, foreign keys and unique indexes (there by name, and valid), columns that must not be null, and settings that have triggers '
    'stand back, kept for a role or database. Not: what a constraint or function of the right name says';
