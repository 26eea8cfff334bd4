create or replace function credits._member_spending(p_organization_id text, p_user_id text, p_day date)
returns credits.spending
language plpgsql stable
as $$
declare
    v_spent credits.spending := credits._member_figures(p_organization_id, p_user_id);
begin
    if v_spent.running_day > p_day then
        -- The clock or the zone was ahead for a while.
        select * into v_spent from credits._spending_of(p_organization_id, 'pool', p_user_id, '', p_day, null);
    else
        v_spent := credits._roll_on(v_spent, p_day, p_day, 0);
    end if;
    return v_spent;
end
$$;

comment on function credits._member_spending is
'What a member has used or holds of a pool on a local day, in its week and in its month. Holds past their time count
until they are ended';
