create or replace function credits._repay_from_lots(p_user_id text, p_at timestamptz) returns void
language plpgsql
as $$
declare
    v_last constant credits.entries := credits._last_entry(p_user_id, 'person');
    v_excess numeric;
begin
    -- Who never had anything taken back has never had a debt.
    if v_last.clawed_back = 0 then
        return;
    end if;
    select coalesce(sum(l.remaining), 0) - v_last.available into v_excess
    from credits.lots l
    where l.account_id = p_user_id and l.remaining > 0;
    perform credits._take_lots(p_user_id, null, v_excess, p_at);
end
$$;

comment on function credits._repay_from_lots is
'Repays a debt first. Lots that came in, or back, at p_at lose what is more than the balance has, soonest to end first';
