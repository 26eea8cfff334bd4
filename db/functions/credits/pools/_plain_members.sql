create or replace function credits._plain_members(
    p_organization_ids text[], p_user_ids text[], p_amounts numeric[], p_now timestamptz
) returns table (item integer, member integer, spent credits.spending)
language plpgsql stable
rows 100
-- As for credits._member_figures.
set enable_bitmapscan = off
set enable_sort = off
as $$
begin
    return query
    with members as (
        select
            i.account_id, i.other_id, array_agg(i.item::integer) as items,
            sum(i.amount) filter (where credits._is_amount(i.amount)) as asked
        from unnest(p_organization_ids, p_user_ids, p_amounts) with ordinality as i (account_id, other_id, amount, item)
        group by i.account_id, i.other_id
    )
    select i.item, g.items[1], m.spent
    from members g
    cross join (select (p_now at time zone s.limits_time_zone)::date as today from credits.settings s) t
    cross join lateral (
        select r as spent
        from (
            select e.running_day, e.spent_that_day, e.spent_that_week, e.spent_that_month
            from credits.entries e
            where e.account_id = g.account_id and e.kind = 'pool'
                and e.other_id >= g.other_id and e.other_id <= g.other_id
            order by e.other_id desc, e.sequence desc
            limit 1
        ) e
        cross join lateral credits._roll_on(
            row(e.running_day, e.spent_that_day, e.spent_that_week, e.spent_that_month)::credits.spending,
            t.today, t.today, 0
        ) r
        left join lateral (
            select l.*
            from credits.guild_spending_limits l
            where l.organization_id = g.account_id and l.user_id = g.other_id
            limit 1
        ) own on true
        left join lateral (
            select l.daily_limit, l.weekly_limit, l.monthly_limit
            from credits.spending_limits l
            where l.account_id = g.account_id and l.kind = 'pool' and l.app_id = ''
            limit 1
        ) l on true
        where e.running_day <= t.today
            and not credits._is_pseudonym(g.other_id)
            and own.until is null
            and (
                own.unlimited or (
                    r.today + g.asked > coalesce(own.daily_limit, l.daily_limit)
                    or r.this_week + g.asked > coalesce(own.weekly_limit, l.weekly_limit)
                    or r.this_month + g.asked > coalesce(own.monthly_limit, l.monthly_limit)
                ) is not true
            )
    ) m
    cross join lateral unnest(g.items) as i (item);
end
$$;

comment on function credits._plain_members is
'Of the items of a batch those whose members'' limits leave all that the members ask for, with what each has spent until
then. A member who is new, whose limits end by themselves, or who has used the pool on a later day than today is none of
them: a call of its own decides';
