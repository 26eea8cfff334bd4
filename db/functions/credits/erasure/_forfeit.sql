create or replace function credits._forfeit(p_user_id text) returns numeric
language plpgsql
as $$
declare
    v_balance credits.balances;
    v_forfeited numeric := 0;
    v_change numeric;
begin
    select * into v_balance from credits.balances where user_id = p_user_id;
    if credits._is_pseudonym(p_user_id) then
        select coalesce(-sum(t.amount), 0) into v_forfeited
        from credits.transactions t
        where t.user_id = p_user_id and t.type = 'erasure';
    end if;
    -- What was forfeited pays for what Stripe takes back later: it went once.
    v_change := greatest(v_balance.balance, -v_forfeited);
    if v_change <> 0 then
        perform credits._post_transaction(v_balance, 'erasure', -v_change, '', p_reversal => v_change < 0);
    end if;
    return v_change;
end
$$;

comment on function credits._forfeit(text) is
    'Lets all that an erased person could spend go, by a ledger row of type erasure, and returns how much; the caller has locked the balance. '
    'Of a debt that came after the erasure it gives back as much as was forfeited, by a reversal, so that an erasure and a clawback in either order end alike';
