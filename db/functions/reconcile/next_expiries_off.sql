create or replace view reconcile.next_expiries_off as
with due as (
    select user_id, min(expires_at) as first, sum(remaining) as credits
    from credits.dated_credits
    where remaining > 0
    group by user_id
)
select
    d.user_id as account,
    format('seconds of next_expiry, at most, for %s credits with a date', d.credits) as what,
    extract(epoch from d.first) as expected,
    extract(epoch from b.next_expiry) as actual,
    extract(epoch from b.next_expiry) - extract(epoch from d.first) as difference
from due d
left join credits.balances b on b.user_id = d.user_id
where b.next_expiry <= d.first is not true;

comment on view reconcile.next_expiries_off is 'Balances that would not notice the expiry of their dated credits';
