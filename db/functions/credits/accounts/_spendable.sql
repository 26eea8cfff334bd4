create or replace function credits._spendable(p_held credits.reservations) returns numeric
language sql stable
as $$
    select case
        when p_held.organization_id is null then (select b.balance from credits.balances b where b.user_id = p_held.account_id)
        else (select p.balance from credits.guild_pools p where p.organization_id = p_held.account_id)
    end
$$;

comment on function credits._spendable(credits.reservations) is
    'What can be spent of the account, a user''s or a guild''s, whose credits a reservation holds; the caller has locked it';
