create or replace view reconcile.protection_off as
with differing as (
    select
        coalesce(d.object, a.object) as object,
        coalesce(d.kind, a.kind) as kind,
        d.definition as deployed,
        a.definition as actual
    from (select * from credits.deployed where kind <> 'deployment') d
    full join credits._definitions() a using (kind, object)
    where d.definition is distinct from a.definition
)
select
    object as account,
    kind || case when deployed is null then ': foreign' when actual is null then ': missing' else ': changed' end as what,
    -- Of a long text the lines that the other has not.
    array_to_string(array(select unnest(string_to_array(deployed, E'\n')) except select unnest(string_to_array(actual, E'\n'))), E'\n') as expected,
    array_to_string(array(select unnest(string_to_array(actual, E'\n')) except select unnest(string_to_array(deployed, E'\n'))), E'\n') as actual,
    case when deployed is null then 1 when actual is null then -1 else 0 end as difference
from differing;

comment on view reconcile.protection_off is
    'Definitions that are not as the last deployment left them: missing, changed or foreign. They are tables, '
    'columns, constraints, indexes, triggers, rules, policies, functions, views, types, owners, rights, members of '
    'credits_owner. And settings that have triggers stand back. Not: what a superuser changes in PostgreSQL''s own '
    'catalog, or in the record as well, which make reconcile finds from a checkout';
