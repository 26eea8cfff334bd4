create or replace function credits._first_end(p_debit credits.entries) returns timestamptz
language plpgsql stable
as $$
declare
    v_front timestamptz;
begin
    if p_debit.due_after is null or p_debit.kind = 'pool' then
        return null;
    end if;
    select l.expires_at into v_front from credits.lots l where l.account_id = p_debit.account_id and l.id = p_debit.lot_id;
    return least(v_front, credits._first_end_of(p_debit.account_id, p_debit.id));
end
$$;

comment on function credits._first_end is
'A moment before which nothing that a debit took of lots ends, for an entry that gives it back; null where it took
none';
