create or replace function credits._first_end_of(p_user_id text, p_cause_id uuid) returns timestamptz
language plpgsql stable
as $$
begin
    return (
        select min(l.expires_at)
        from credits.lot_movements m
        join credits.lots l on l.account_id = p_user_id and l.id = m.lot_id
        where m.account_id = p_user_id and m.cause_id = p_cause_id
    );
end
$$;

comment on function credits._first_end_of is
'A moment before which nothing ends that p_cause_id took of lots, for an entry that gives it back. Null where nothing
was taken';
