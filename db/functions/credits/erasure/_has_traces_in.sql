create or replace function credits._has_traces_in(p_place text, p_user_id text) returns boolean
language plpgsql stable
as $$
begin
    if exists (select from credits.entries e where e.account_id = p_place and e.kind = 'pool' and e.other_id = p_user_id)
        or exists (
            select from credits.reservations r
            where r.account_id = p_place and r.kind = 'pool' and r.user_id = p_user_id and r.status = 'held'
        )
        or exists (
            select from gifts.gift_redemptions r where r.code = p_place and r.redeemer_user_id = p_user_id and r.status = 'success'
        )
    then
        return true;
    end if;
    -- Where accounts are spread it lies with the person, where no trigger looks.
    if (select s.spread from credits.settings s) then
        return false;
    end if;
    return exists (select from credits.members m where m.user_id = p_user_id and m.organization_id = p_place);
end
$$;

comment on function credits._has_traces_in is 'Whether anything is left in a pool or a gift of what a person did there under an id';
