create or replace function credits._take_dated(
    p_user_id text, p_cause_id uuid, p_amount numeric, p_at timestamptz
) returns void
language plpgsql
as $$
declare
    v_dated credits.dated_credits;
    v_left numeric := p_amount;
begin
    for v_dated in
        select * from credits.dated_credits
        where user_id = p_user_id and remaining > 0
        order by expires_at, id
    loop
        exit when v_left <= 0;
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (p_user_id, credits._new_id(), v_dated.id, p_cause_id, -least(v_left, v_dated.remaining), p_at);
        v_left := v_left - v_dated.remaining;
    end loop;
end
$$;

comment on function credits._take_dated(text, uuid, numeric, timestamptz) is
    'Counts a debit of p_amount, made at p_at, against the account''s dated credits, soonest to expire first; what they do not cover is undated';
