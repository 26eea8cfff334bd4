create or replace function credits._standing_after(p_row credits.transactions) returns credits.transactions
language plpgsql stable
as $$
declare
    v_row credits.transactions := p_row;
    v_next credits.transactions;
begin
    loop
        select * into v_next
        from credits.transactions t
        where t.user_id = p_row.user_id and t.id > v_row.id
        order by t.id
        limit 1;
        exit when v_next.type is distinct from 'expiry' or not exists (
            select from credits.dated_credits d
            where d.user_id = p_row.user_id and d.id = credits._as_id(v_next.reference_id) and d.expires_at <= p_row.created_at
        );
        v_row := v_next;
    end loop;
    return v_row;
end
$$;

comment on function credits._standing_after(credits.transactions) is
    'The ledger row with the figures of an account when the call that wrote p_row was over: that row, or the last by which dated credits left again '
    'that it had brought back after their date. The same for ever, so a retry is answered alike';
