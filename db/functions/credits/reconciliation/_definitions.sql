create or replace function credits._definitions() returns table (kind text, object text, definition text)
language sql stable security definer
rows 2000
set search_path = pg_catalog, pg_temp
set bytea_output = hex
set datestyle = iso
set jit = off
set intervalstyle = postgres
set quote_all_identifiers = off
set standard_conforming_strings = on
set timezone = utc
as $$
with roles as (
    select r.*
    from pg_roles r
    where r.rolname in ('credits_owner', 'credits_ledger', 'credits_api', 'credits_service', 'credits_auditor')
),
schemas as (
    select n.oid, n.nspacl, n.nspowner from pg_namespace n where n.nspowner = 'credits_owner'::regrole
),
relations as (
    select
        c.*, c.oid::regclass::text as name,
        case c.relkind
            when 'v' then 'view' when 'm' then 'view' when 'S' then 'sequence' when 'c' then 'type' else 'table'
        end as kind
    from pg_class c
    where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S', 'c')
        and (c.relnamespace in (select s.oid from schemas s) or c.relowner in (select r.oid from roles r))
),
functions as (
    select p.oid, p.oid::regprocedure::text as name, p.prokind, p.proowner, p.proacl
    from pg_proc p
    where p.pronamespace in (select s.oid from schemas s) or p.proowner in (select r.oid from roles r)
),
types as (
    select t.* from pg_type t where t.typnamespace in (select s.oid from schemas s) and t.typtype in ('d', 'e')
),
-- What each kind of object has been granted to others than its owner; a default that was never changed counts.
granted (object, owner, acl) as (
    select 'schema ' || s.oid::regnamespace::text, s.nspowner, s.nspacl from schemas s
    union all
    select r.kind || ' ' || r.name, r.relowner, r.relacl from relations r
    union all
    select format('column %s.%s', r.name, a.attname), r.relowner, a.attacl
    from relations r
    join pg_attribute a on a.attrelid = r.oid and a.attacl is not null and not a.attisdropped
    union all
    select 'function ' || f.name, f.proowner, coalesce(f.proacl, acldefault('f', f.proowner)) from functions f
    union all
    select 'type ' || t.oid::regtype::text, t.typowner, t.typacl from types t
    union all
    select 'parameter ' || p.parname, 10, p.paracl from pg_parameter_acl p where p.parname = 'session_replication_role'
),
-- Settings that have triggers stand back, or change what the text of a function or a list means.
settings (name, plain) as (
    values
        ('array_nulls', 'on'),
        ('plpgsql.variable_conflict', 'error'),
        ('session_replication_role', 'origin'),
        ('standard_conforming_strings', 'on'),
        ('transform_null_equals', 'off')
)
select 'server'::text, 'version'::text, (current_setting('server_version_num')::integer / 10000)::text
union all
select
    'role', r.rolname,
    concat_ws(
        ', ',
        case when r.rolcanlogin then 'login' else 'nologin' end,
        case when r.rolsuper then 'superuser' end,
        case when r.rolcreaterole then 'createrole' end,
        case when r.rolcreatedb then 'createdb' end,
        case when r.rolreplication then 'replication' end,
        case when r.rolbypassrls then 'bypassrls' end
    )
from roles r
union all
-- Who may act as the owner or write the ledger, and as whom our roles may. Logins in the other groups are as many as
-- there are services, but none of them may write every table.
select 'member', format('%s of %s', m.rolname, o.rolname), 'by whatever way'
from roles o
join pg_roles m on m.oid <> o.oid and not m.rolsuper and pg_has_role(m.oid, o.oid, 'member')
where o.rolname in ('credits_owner', 'credits_ledger')
union all
select distinct 'member', format('%s of %s', r.rolname, m.roleid::regrole), 'directly'
from pg_roles r
join pg_auth_members m on m.member = r.oid
where m.roleid not in ('credits_owner'::regrole, 'credits_ledger'::regrole)
    and (
        r.oid in (select o.oid from roles o)
        or m.roleid in (select o.oid from roles o) and (
            r.rolsuper and m.roleid <> 'credits_auditor'::regrole
            or pg_has_role(r.oid, 'pg_write_all_data', 'member') and not pg_has_role(r.oid, 'credits_owner', 'member')
        )
    )
union all
select 'schema', s.oid::regnamespace::text, 'owner credits_owner' from schemas s
union all
select
    r.kind, r.name,
    concat_ws(
        ' ',
        'owner', r.relowner::regrole,
        case r.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' end,
        case when r.relrowsecurity then 'row security' end,
        case when r.relforcerowsecurity then 'forced' end,
        case when r.kind = 'view' then
            concat(array_to_string(r.reloptions, ' '), E'\n', pg_get_viewdef(r.oid, true))
        end
    )
from relations r
union all
select
    'column', format('%s.%s', r.name, a.attname),
    concat_ws(
        ' ',
        format_type(a.atttypid, a.atttypmod),
        -- From PostgreSQL 18 on a column may be not null only for rows to come.
        case when a.attnotnull and not exists (
            select from pg_constraint n
            where n.conrelid = a.attrelid and n.contype = 'n' and n.conkey = array[a.attnum] and not n.convalidated
        ) then 'not null' end,
        case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::regcollation end,
        'generated ' || case a.attidentity when 'a' then 'always' when 'd' then 'by default' end || ' as identity',
        case a.attgenerated when '' then 'default ' else 'generated ' end || pg_get_expr(d.adbin, d.adrelid, true)
    )
from relations r
join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where r.kind in ('table', 'type')
union all
select
    'type', t.oid::regtype::text,
    concat_ws(
        ' ',
        'owner', t.typowner::regrole,
        case t.typtype when 'd' then 'domain over ' || format_type(t.typbasetype, t.typtypmod) end,
        case when t.typnotnull then 'not null' end,
        'default ' || t.typdefault,
        (
            select 'enum of ' || string_agg(e.enumlabel, ', ' order by e.enumsortorder)
            from pg_enum e
            where e.enumtypid = t.oid
        )
    )
from types t
union all
-- PL/pgSQL calls its function where a text becomes a value of ours, or the other way round.
select 'cast', format('%s as %s', c.castsource::regtype, c.casttarget::regtype), c.castfunc::regprocedure::text
from pg_cast c
where c.castsource in (select t.oid from types t) or c.casttarget in (select t.oid from types t)
union all
-- A foreign key is enforced by triggers, which are disabled with all others of a table. What is not null is told of the
-- column.
select
    'constraint',
    format(
        '%s on %s',
        c.conname, case c.contypid when 0 then c.conrelid::regclass::text else c.contypid::regtype::text end
    ),
    concat_ws(
        ' ',
        pg_get_constraintdef(c.oid, true),
        case when exists (
            select from pg_trigger t where t.tgconstraint = c.oid and t.tgisinternal and t.tgenabled <> 'O'
        ) then 'switched off' end
    )
from pg_constraint c
where c.contype not in ('n', 't')
    and (c.conrelid in (select r.oid from relations r) or c.contypid in (select t.oid from types t))
union all
select
    'index', format('%s on %s', x.relname, r.name),
    concat_ws(
        ' ',
        pg_get_indexdef(i.indexrelid, 0, true),
        case when not (i.indisvalid and i.indisready and i.indislive) then 'not valid' end
    )
from relations r
join pg_index i on i.indrelid = r.oid
join pg_class x on x.oid = i.indexrelid
union all
select
    'trigger', format('%s on %s', t.tgname, r.name),
    concat_ws(
        ' ',
        pg_get_triggerdef(t.oid, true),
        case t.tgenabled when 'D' then 'disabled' when 'A' then 'always' when 'R' then 'replica' end
    )
from relations r
join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
union all
select 'rule', format('%s on %s', w.rulename, r.name), pg_get_ruledef(w.oid, true)
from relations r
join pg_rewrite w on w.ev_class = r.oid and w.rulename <> '_RETURN'
union all
select
    'policy', format('%s on %s', p.polname, r.name),
    concat_ws(
        ' ',
        p.polcmd, case when p.polpermissive then 'permissive' else 'restrictive' end, 'to', p.polroles::regrole[],
        'using ' || pg_get_expr(p.polqual, p.polrelid, true),
        'with check ' || pg_get_expr(p.polwithcheck, p.polrelid, true)
    )
from relations r
join pg_policy p on p.polrelid = r.oid
union all
-- Rows of a table that inherits count as rows of ours, and nothing of ours protects them. A statement on a table from
-- which ours inherits changes rows of ours past their rights, and past triggers for each statement.
select 'child', format('%s of %s', i.inhrelid::regclass, i.inhparent::regclass), 'inherits'
from pg_inherits i
where i.inhparent in (select r.oid from relations r) or i.inhrelid in (select r.oid from relations r)
union all
select
    'function', f.name,
    format(
        E'owner %s\n%s',
        f.proowner::regrole, case f.prokind when 'a' then 'an aggregate' else pg_get_functiondef(f.oid) end
    )
from functions f
union all
select
    'right', format('%s on %s', case x.grantee when 0 then 'public' else x.grantee::regrole::text end, g.object),
    string_agg(
        concat(lower(x.privilege_type), case when x.is_grantable then ' with grant option' end),
        ', ' order by x.privilege_type
    )
from granted g
cross join lateral aclexplode(g.acl) x
-- Not even the owner may insert into the ledger.
where x.grantee <> g.owner or g.object = 'table credits.entries'
group by x.grantee, g.object
union all
select
    'default right',
    format('%s made by %s in %s', a.defaclobjtype, a.defaclrole::regrole, a.defaclnamespace::regnamespace),
    a.defaclacl::text
from pg_default_acl a
where a.defaclrole in (select r.oid from roles r) or a.defaclnamespace in (select s.oid from schemas s)
union all
select
    'setting', format('%s of %s', l.name, coalesce(nullif(concat_ws(' in ', r.rolname, d.datname), ''), 'all')),
    split_part(c.setting, '=', 2)
from pg_db_role_setting s
cross join lateral unnest(s.setconfig) as c (setting)
-- A name that PostgreSQL does not know is kept as it was written, and means the same however that was.
join settings l
    on l.name = lower(split_part(c.setting, '=', 1)) and split_part(c.setting, '=', 2) is distinct from l.plain
left join pg_database d on d.oid = s.setdatabase
left join pg_roles r on r.oid = s.setrole
where s.setdatabase in (0, (select o.oid from pg_database o where o.datname = current_database()))
union all
select 'setting', format('%s of new sessions', l.name), coalesce(p.reset_val, current_setting(l.name, true))
from settings l
left join pg_settings p on p.name = l.name
where coalesce(p.reset_val, current_setting(l.name, true), l.plain, '') <> coalesce(l.plain, '')
union all
-- It goes on writing what another database has, past triggers.
select distinct 'subscription', s.subname::text, 'owner ' || s.subowner::regrole
from pg_subscription s
join pg_subscription_rel w on w.srsubid = s.oid
where w.srrelid in (select r.oid from relations r)
union all
-- It runs in every session that begins, and may set what it likes.
select 'event trigger', e.evtname::text, format('on login execute function %s', e.evtfoid::regprocedure)
from pg_event_trigger e
where e.evtevent = 'login' and e.evtenabled <> 'D'
$$;

comment on function credits._definitions() is
'The definition of everything that protects the books or could stand in for it, as the catalog has it now. A deployment
writes it to credits.deployed, and reconcile.protection_off compares it with that. The text is the same in any session
of one version of PostgreSQL, and in a restored dump: hence the form without needless parentheses';
