create or replace view credits.verified_holdings as
select v.owned + g.unclaimed as total
from (select coalesce(sum(owned), 0) as owned from credits.reconciled_accounts) v
cross join (
    select coalesce(sum(credits_per_portion * (total_portions - claimed_portions)), 0) as unclaimed
    from gifts.gift_codes
    where status = 'active'
) g;

comment on view credits.verified_holdings is
    'All credits in open gifts now, and in accounts as the last clean run left them; with what accounts got since it is the total of credits.holdings';
