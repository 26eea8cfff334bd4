create or replace view reconcile.transfers_without_other_side as
with moved as materialized (
    select e.account_id, e.sequence, e.id, e.type, e.amount, e.reversal, e.other_id, e.reference_id
    from credits.unverified_entries e
    where e.type in ('guild_funding', 'funding', 'gift')
)
select
    e.account_id as account,
    format('other side of entry %s, of type %s', e.sequence, e.type) as what,
    e.amount as expected,
    null::numeric as actual,
    e.amount as difference
from moved e
where not credits._has_other_side(
    e.account_id, e.sequence, e.id, e.type, e.amount, e.reversal, e.other_id, e.reference_id
);

comment on view reconcile.transfers_without_other_side is
    'Entries that moved credits between accounts, or to or from a gift, whose other side does not know of them';
