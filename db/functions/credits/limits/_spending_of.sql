create or replace function credits._spending_of(
    p_user_id text,
    p_app_id text,
    p_day date,
    p_time_zone text,
    out today numeric,
    out this_week numeric,
    out this_month numeric
)
language plpgsql stable
as $$
begin
    select s.today, s.this_week, s.this_month into today, this_week, this_month
    from credits._own_spending(p_user_id, p_app_id, p_day, p_time_zone) s;
end
$$;

comment on function credits._spending_of is
    'As _own_spending, for the checks of the books: where accounts are spread, no view may hang on a row type';
