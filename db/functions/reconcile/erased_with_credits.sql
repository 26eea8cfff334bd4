create or replace view reconcile.erased_with_credits as
select
    b.user_id as account,
    'what an erased person still owns' as what,
    0::numeric as expected,
    b.balance + b.reserved as actual,
    b.balance + b.reserved as difference
from credits.balances b
where b.user_id like 'erased:%' and b.balance + b.reserved > 0;

comment on view reconcile.erased_with_credits is 'Erased persons whose balance was not forfeited';
