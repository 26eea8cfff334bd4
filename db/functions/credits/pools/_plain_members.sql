create or replace function credits._plain_members(
    p_organization_ids text[],
    p_user_ids text[],
    p_amounts numeric[],
    p_now timestamptz,
    out members integer[],
    out spent credits.spending[]
)
language plpgsql stable
-- As for credits._member_figures.
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    v_member record;
    v_spent credits.spending;
    v_item integer;
begin
    for v_member in
        select
            g.items, g.asked, s.today, e.running_day, e.spent_that_day, e.spent_that_week, e.spent_that_month,
            coalesce(own.daily_limit, l.daily_limit) as daily_limit,
            coalesce(own.weekly_limit, l.weekly_limit) as weekly_limit,
            coalesce(own.monthly_limit, l.monthly_limit) as monthly_limit,
            own.unlimited
        from (
            select
                i.account_id, i.other_id, array_agg(i.item::integer) as items,
                sum(i.amount) filter (where i.amount > 0) as asked
            from unnest(p_organization_ids, p_user_ids, p_amounts)
                with ordinality as i (account_id, other_id, amount, item)
            where not credits._is_pseudonym(i.other_id)
            group by i.account_id, i.other_id
        ) g
        cross join (select (p_now at time zone s.limits_time_zone)::date as today from credits.settings s) s
        cross join lateral (
            select e.running_day, e.spent_that_day, e.spent_that_week, e.spent_that_month
            from credits.entries e
            where e.account_id = g.account_id and e.kind = 'pool'
                and e.other_id >= g.other_id and e.other_id <= g.other_id
            order by e.other_id desc, e.sequence desc
            limit 1
        ) e
        left join lateral (
            select m.*
            from credits.guild_spending_limits m
            where m.organization_id = g.account_id and m.user_id = g.other_id
            limit 1
        ) own on true
        left join lateral (
            select d.daily_limit, d.weekly_limit, d.monthly_limit
            from credits.spending_limits d
            where d.account_id = g.account_id and d.kind = 'pool' and d.app_id = ''
            limit 1
        ) l on true
        where e.running_day <= s.today and own.until is null
    loop
        v_spent := row(
            v_member.running_day, v_member.spent_that_day, v_member.spent_that_week, v_member.spent_that_month
        )::credits.spending;
        if v_spent.running_day < v_member.today then
            v_spent := credits._roll_on(v_spent, v_member.today, v_member.today, 0);
        end if;
        continue when v_member.unlimited is not true and (
            v_spent.today + v_member.asked > v_member.daily_limit
            or v_spent.this_week + v_member.asked > v_member.weekly_limit
            or v_spent.this_month + v_member.asked > v_member.monthly_limit
        );
        spent[v_member.items[1]] := v_spent;
        foreach v_item in array v_member.items loop
            members[v_item] := v_member.items[1];
        end loop;
    end loop;
end
$$;

comment on function credits._plain_members is
'Of a batch the members whose limits leave all that they ask for: spent has what each has used until then, at one of
their items, and members this item for each of them. A member who is new, whose limits end by themselves, or who has
used the pool on a later day than today is none of them: a call of its own decides';
