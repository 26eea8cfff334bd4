-- More people, numbered on from the last of the past: first %(lots)s with credits that expire, then as many without. All by the service's own function.

select count(*)
from generate_series(%(accounts)s + 1, %(accounts)s + 2 * %(lots)s) as n
cross join lateral credits.grant_credits(
    p_user_id => 'user-' || n, p_amount => 1000000, p_reason => 'welcome', p_reference_id => 'welcome',
    p_expires_at => case when n <= %(accounts)s + %(lots)s then now() + interval '300 days' end
) as g;
