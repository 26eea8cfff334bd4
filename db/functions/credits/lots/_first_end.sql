create or replace function credits._first_end(p_debit credits.entries) returns timestamptz
language sql stable
as $$
    select case when p_debit.due_after is not null then (
        select min(l.expires_at)
        from credits.lots l
        where l.account_id = p_debit.account_id and p_debit.kind = 'person'
    ) end
$$;

comment on function credits._first_end(credits.entries) is
    'A moment before which nothing that a debit took of lots ends, for an entry that gives it back; null where it took none';
