create or replace function credits._member_spending(p_organization_id text, p_user_id text, p_day date)
returns table (today numeric, this_month numeric)
language plpgsql stable
rows 1
as $$
declare
    v_last record;
begin
    select e.running_day, e.spent_that_day, e.spent_that_month into v_last
    from credits.entries e
    where e.account_id = p_organization_id and e.kind = 'pool' and e.other_id = p_user_id
    order by e.sequence desc
    limit 1;
    if (v_last.running_day > p_day) is not true then
        today := case when v_last.running_day = p_day then v_last.spent_that_day else 0 end;
        this_month := case when credits._month(v_last.running_day) = credits._month(p_day) then v_last.spent_that_month else 0 end;
    else
        -- The clock or the zone was ahead for a while: added up from the entries and the holds themselves.
        select
            coalesce(sum(s.amount) filter (where s.spending_day = p_day), 0), coalesce(sum(s.amount), 0)
        into today, this_month
        from (
            select e.spending_day, -e.amount as amount
            from credits.entries e
            where e.account_id = p_organization_id and e.kind = 'pool' and e.other_id = p_user_id
            union all
            select r.spending_day, r.amount
            from credits.reservations r
            where r.account_id = p_organization_id and r.kind = 'pool' and r.user_id = p_user_id and r.status = 'held'
        ) s
        where credits._month(s.spending_day) = credits._month(p_day);
    end if;
    return next;
end
$$;

comment on function credits._member_spending(text, text, date) is
    'What a member has used or holds of a pool on a local day and in its month. Holds past their time count until they are ended';
