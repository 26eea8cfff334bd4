create or replace view reconcile.dated_credits_off_movements as
with moved as (
    select user_id, dated_id, sum(amount) as amount
    from credits.dated_movements
    group by user_id, dated_id
)
select
    coalesce(d.user_id, m.user_id) as account,
    format('what is left of dated credits %s', coalesce(d.id, m.dated_id)) as what,
    coalesce(d.granted, 0) + coalesce(m.amount, 0) as expected,
    coalesce(d.remaining, 0) as actual,
    coalesce(d.remaining, 0) - coalesce(d.granted, 0) - coalesce(m.amount, 0) as difference
from credits.dated_credits d
full join moved m on m.user_id = d.user_id and m.dated_id = d.id
where coalesce(d.remaining, 0) <> coalesce(d.granted, 0) + coalesce(m.amount, 0)
union all
select d.user_id, 'dated credits of the balance', greatest(b.balance, 0), sum(d.remaining), sum(d.remaining) - greatest(b.balance, 0)
from credits.dated_credits d
join credits.balances b on b.user_id = d.user_id
group by d.user_id, b.balance
having sum(d.remaining) > greatest(b.balance, 0)
union all
select d.user_id, format('grant of dated credits %s', d.id), coalesce(t.amount, 0), d.granted, d.granted - coalesce(t.amount, 0)
from credits.dated_credits d
left join credits.transactions t on t.user_id = d.user_id and t.id = d.id and t.type = 'grant'
where d.granted is distinct from t.amount;

comment on view reconcile.dated_credits_off_movements is 'Dated credits whose rest is not what the movements left, that are more than the balance has, or that nobody granted';
