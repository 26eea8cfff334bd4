-- Made once; from then on credits._set_balance_events says what it answers, and a deployment leaves that alone.
do $do$
begin
    if to_regprocedure('credits._balance_events_wanted()') is null then
        create function credits._balance_events_wanted() returns boolean
        language sql stable
        as 'select false';
    end if;
end
$do$;

comment on function credits._balance_events_wanted() is
    'Whether a consumer may want the event balance.changed. The answer is the function''s text, which the planner puts in the place of a call: '
    'where nobody wants it a debit costs nothing more, while a look into a table or a sequence would cost it a microsecond or more';
