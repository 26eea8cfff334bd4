create or replace function credits._give_back_dated(
    p_user_id text, p_cause_id uuid, p_total numeric, p_given_before numeric, p_amount numeric, p_at timestamptz
) returns void
language plpgsql
as $$
declare
    v_taken numeric;
    v_returned numeric;
    v_dated record;
    v_left numeric;
begin
    select
        coalesce(-sum(amount) filter (where amount < 0), 0),
        coalesce(sum(amount) filter (where amount > 0), 0)
    into v_taken, v_returned
    from credits.dated_movements
    where user_id = p_user_id and cause_id = p_cause_id;
    if v_taken = v_returned then
        return;
    end if;
    -- In the reverse order of taking: first what was undated, then what expires last.
    v_left := p_amount - ((p_total - v_taken) - (p_given_before - v_returned));
    for v_dated in
        select m.dated_id, -sum(m.amount) as taken
        from credits.dated_movements m
        join credits.dated_credits d on d.user_id = m.user_id and d.id = m.dated_id
        where m.user_id = p_user_id and m.cause_id = p_cause_id
        group by m.dated_id, d.expires_at
        having sum(m.amount) < 0
        order by d.expires_at desc, m.dated_id desc
    loop
        exit when v_left <= 0;
        insert into credits.dated_movements (user_id, id, dated_id, cause_id, amount, created_at)
        values (p_user_id, credits._new_id(), v_dated.dated_id, p_cause_id, least(v_left, v_dated.taken), p_at);
        v_left := v_left - v_dated.taken;
    end loop;
    perform credits._repay_from_dated(p_user_id, p_at);
end
$$;

comment on function credits._give_back_dated(text, uuid, numeric, numeric, numeric, timestamptz) is
    'Gives back to dated credits what p_cause_id took of them, when at p_at p_amount of its p_total is returned, and is in the balance, after p_given_before was. '
    'What a debt needs of it is gone at once; what expired meanwhile is for _expire_dated to take away again';
