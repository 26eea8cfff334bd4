create or replace function credits._end_lot(p_user_id text, p_lot_id uuid, p_moment timestamptz) returns void
language plpgsql
as $$
declare
    v_left numeric;
    v_entry credits.posted;
begin
    select l.remaining into v_left from credits.lots l where l.account_id = p_user_id and l.id = p_lot_id;
    -- Before the entry, which says when the next of them ends.
    update credits.lots set remaining = 0 where account_id = p_user_id and id = p_lot_id;
    v_entry := credits._post(
        p_user_id, 'person', 'expiry', -v_left, p_description => 'Credits expired', p_reference_id => p_lot_id::text,
        p_ends_at => p_moment, p_takes_lots => false
    );
    insert into credits.lot_movements (account_id, id, lot_id, cause_id, amount, created_at)
    values (p_user_id, v_entry.id, p_lot_id, v_entry.id, -v_left, v_entry.created_at);
end
$$;

comment on function credits._end_lot is
'Lets what is left of a lot go, which came to its end at p_moment: an entry of type expiry. The caller has locked the
account and seen that something is left';
