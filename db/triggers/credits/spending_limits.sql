-- Who could do how much, and when, can be told afterwards; the counters beside the limits are no rule.
create trigger note_rule
after insert or delete or update of daily_limit, weekly_limit, monthly_limit on credits.spending_limits
for each row execute function credits._note_rule('spending_limits');
