create or replace function credits._cancel_gifts_of(p_user_id text, p_codes text[]) returns integer
language plpgsql
as $$
declare
    v_closed_at timestamptz;
    v_code text;
    v_gift gifts.gift_codes;
    v_cancelled integer := 0;
begin
    foreach v_code in array p_codes loop
        perform from gifts.gift_codes g where g.code = v_code for no key update;
    end loop;
    select a.closed_at into v_closed_at
    from credits.accounts a
    where a.account_id = p_user_id and a.kind = 'person'
    for no key update;
    update credits.accounts set closed_at = null where account_id = p_user_id and kind = 'person';
    foreach v_code in array p_codes loop
        select * into v_gift from gifts.gift_codes g where g.code = v_code and g.status = 'active';
        if found then
            perform gifts._return_unclaimed(v_gift, 'cancelled');
            v_cancelled := v_cancelled + 1;
        end if;
    end loop;
    update credits.accounts set closed_at = v_closed_at where account_id = p_user_id and kind = 'person';
    return v_cancelled;
end
$$;

comment on function credits._cancel_gifts_of is
    'Cancels open gifts of a person who is being erased, whose account stays closed to everybody else; returns how many were open still';
