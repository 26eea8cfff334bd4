create or replace function credits._member_spending(p_organization_id text, p_user_id text, p_day date)
returns table (today numeric, this_month numeric)
language sql stable
rows 1
as $$
    select
        coalesce(sum(s.spent + s.reserved) filter (where s.day = p_day), 0),
        coalesce(sum(s.spent + s.reserved), 0)
    from credits.guild_member_spending s
    where s.organization_id = p_organization_id
        and s.user_id = p_user_id
        and s.day between date_trunc('month', p_day::timestamp)::date and p_day
$$;

comment on function credits._member_spending(text, text, date) is
    'What a member has used of a pool on a local day, and in its month until then, with what they hold. Holds past their time count: _check_limits looks closer. Inlined where it is used';
