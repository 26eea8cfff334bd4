create or replace view credits.unclaimed_gifts as
select coalesce(sum(credits_per_portion * (total_portions - claimed_portions)), 0) as credits
from gifts.gift_codes
where status = 'active';

comment on view credits.unclaimed_gifts is 'All credits that lie in open gifts now';
