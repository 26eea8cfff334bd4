create or replace view credits.unverified_entries as
select e.* from credits.entries e where (select credits._reconciliation_is_full())
union all
select e.*
from credits.listed_accounts l
join credits.entries e on e.account_id = l.account_id and e.kind = l.kind and e.sequence > l.verified;

comment on view credits.unverified_entries is
    'Entries that are newer than the last clean run; all entries in a full run';
