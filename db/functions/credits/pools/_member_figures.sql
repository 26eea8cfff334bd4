create or replace function credits._member_figures(p_organization_id text, p_user_id text) returns credits.spending
language plpgsql stable
-- Accounts are short on average, a pool need not be: its member's last entry is found by the index of members, which
-- alone has this order without a sort. Not for more than this statement: where a sort is needed it would look so dear
-- that the statement would be compiled.
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    v_figures credits.spending;
begin
    select e.running_day, e.spent_that_day, e.spent_that_week, e.spent_that_month into v_figures
    from credits.entries e
    where e.account_id = p_organization_id and e.kind = 'pool'
        and e.other_id >= p_user_id and e.other_id <= p_user_id
    order by e.other_id desc, e.sequence desc
    limit 1;
    return v_figures;
end
$$;

comment on function credits._member_figures is
'The running figures that a member''s last entry of a pool carries; all null for whoever has none';
