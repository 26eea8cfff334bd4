create or replace function credits._forfeit(p_user_id text, p_request_id text) returns numeric
language plpgsql
as $$
declare
    v_last constant credits.entries := credits._last_entry(p_user_id, 'person');
    v_forfeited constant numeric := (
        select coalesce(-sum(e.amount), 0)
        from credits.entries e
        where e.account_id = p_user_id and e.kind = 'person' and e.type = 'erasure'
    );
    -- What was forfeited pays for what Stripe takes back later, since it has gone already.
    v_change constant numeric := coalesce(greatest(v_last.available - v_last.debt, -v_forfeited), 0);
begin
    if v_change <> 0 then
        perform credits._post(
            p_user_id, 'person', 'erasure', -v_change, p_reversal => v_change < 0, p_request_id => p_request_id
        );
    end if;
    return v_change;
end
$$;

comment on function credits._forfeit is
'Lets all that an erased person could spend go, by an entry of type erasure, and returns how much. Of a debt that came
after the erasure it gives back as much as was forfeited, by a reversal. So an erasure and a clawback end alike in
either order. The caller has locked the account';
