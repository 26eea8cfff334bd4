create or replace view reconcile.protection_off as
select
    object as account,
    kind || case
        when d.definition is null then ': foreign' when a.definition is null then ': missing' else ': changed'
    end as what,
    -- Of a long text the lines that the other has not.
    array_to_string(array(select unnest(d.lines) except select unnest(a.lines)), E'\n') as expected,
    array_to_string(array(select unnest(a.lines) except select unnest(d.lines)), E'\n') as actual,
    case when d.definition is null then 1 when a.definition is null then -1 else 0 end as difference
from (
    select *, string_to_array(definition, E'\n') as lines from credits.deployed where kind <> 'deployment'
) d
full join (select *, string_to_array(definition, E'\n') as lines from credits._definitions()) a using (kind, object)
where d.definition is distinct from a.definition;

comment on view reconcile.protection_off is
'Definitions that are not as the last deployment left them: missing, changed or foreign. They are tables, columns,
constraints, indexes, triggers, rules, policies, functions, views, types, casts, owners, rights, members of
credits_owner, subscriptions. And settings that have triggers stand back. Not: what a superuser changes in PostgreSQL''s
own catalog, or in the record as well, which make reconcile finds from a checkout';
