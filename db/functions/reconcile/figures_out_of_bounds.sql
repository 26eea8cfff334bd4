create or replace view reconcile.figures_out_of_bounds as
select
    bounds.account,
    bounds.what,
    bounds.expected,
    bounds.actual,
    bounds.actual - bounds.expected as difference
from (
    select user_id as account, 'balance, at least' as what, -clawed_back as expected, balance as actual, balance < -clawed_back as is_off
    from credits.balances
    union all
    select user_id, 'reserved, at least' as what, 0, reserved, reserved < 0
    from credits.balances
    union all
    select organization_id, 'balance, at least' as what, 0, balance, balance < 0
    from credits.guild_pools
    union all
    select organization_id, 'reserved, at least' as what, 0, reserved, reserved < 0
    from credits.guild_pools
    union all
    select code, 'claimed_portions, at most' as what, total_portions, claimed_portions, claimed_portions > total_portions
    from gifts.gift_codes
    union all
    select
        code,
        'refunded_credits' as what,
        case when status in ('cancelled', 'refunded') then total_credits - credits_per_portion * claimed_portions else 0 end,
        refunded_credits,
        refunded_credits
        <> case when status in ('cancelled', 'refunded') then total_credits - credits_per_portion * claimed_portions else 0 end
    from gifts.gift_codes
) bounds
where bounds.is_off;

comment on view reconcile.figures_out_of_bounds is
    'Balances below zero for another reason than a clawback, pools below zero, and gifts that gave out or back what they did not have';
