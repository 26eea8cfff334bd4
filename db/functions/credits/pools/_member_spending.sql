create or replace function credits._member_spending(p_organization_id text, p_user_id text, p_day date) returns credits.spending
language plpgsql stable
as $$
declare
    v_last credits.spending;
begin
    select e.running_day, e.spent_that_day, e.spent_that_week, e.spent_that_month into v_last
    from credits.entries e
    where e.account_id = p_organization_id and e.kind = 'pool' and e.other_id = p_user_id
    order by e.sequence desc
    limit 1;
    if (v_last.running_day > p_day) is not true then
        select * into v_last from credits._roll_on(v_last, p_day, p_day, 0);
        return v_last;
    end if;
    -- The clock or the zone was ahead for a while: added up from the entries and the holds themselves.
    select
        p_day,
        coalesce(sum(s.amount) filter (where s.spending_day = p_day), 0),
        coalesce(sum(s.amount) filter (where credits._week(s.spending_day) = credits._week(p_day)), 0),
        coalesce(sum(s.amount) filter (where credits._month(s.spending_day) = credits._month(p_day)), 0)
    into v_last
    from (
        select e.spending_day, -e.amount as amount
        from credits.entries e
        where e.account_id = p_organization_id and e.kind = 'pool' and e.other_id = p_user_id
        union all
        select r.spending_day, r.amount
        from credits.reservations r
        where r.account_id = p_organization_id and r.kind = 'pool' and r.user_id = p_user_id and r.status = 'held'
        union all
        -- What went beyond a hold of an earlier day was held on its own day, and is in the usage of the hold's.
        select c.day, c.amount
        from credits.entries e
        join credits.entries b on b.account_id = p_organization_id and b.kind = 'pool' and b.sequence = e.sequence - 1
        join credits.entries u on u.account_id = p_organization_id and u.kind = 'pool' and u.sequence = e.sequence + 1
        cross join lateral (
            values (e.spending_day, e.reserved - b.reserved), (u.spending_day, b.reserved - e.reserved)
        ) as c (day, amount)
        where e.account_id = p_organization_id
            and e.kind = 'pool'
            and e.other_id = p_user_id
            and e.type = 'hold'
            and e.ends_at is null
    ) s;
    return v_last;
end
$$;

comment on function credits._member_spending is
'What a member has used or holds of a pool on a local day, in its week and in its month. Holds past their time count
until they are ended';
