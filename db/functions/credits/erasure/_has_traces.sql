create or replace function credits._has_traces(p_user_id text, p_place text default null) returns boolean
language plpgsql stable
as $$
begin
    if p_place is null and (
        exists (select from credits.accounts a where a.account_id = p_user_id and a.kind = 'person')
        or exists (select from credits.entries e where e.account_id = p_user_id and e.kind = 'person')
        or exists (select from credits.lots l where l.account_id = p_user_id)
        or exists (select from credits.lot_movements m where m.account_id = p_user_id)
        or exists (select from credits.seals s where s.account_id = p_user_id and s.kind = 'person')
        or exists (select from credits.admin_actions a where a.account_id = p_user_id)
        or exists (select from credits.reservations r where r.account_id = p_user_id and r.kind = 'person')
        or exists (select from credits.usage_folds f where f.user_id = p_user_id)
        or exists (select from credits.usage_marks m where m.user_id = p_user_id)
    ) then
        return true;
    end if;
    if exists (
            select from credits.entries e
            where e.account_id = p_place and e.kind = 'pool' and e.other_id = p_user_id
        )
        or exists (
            select from credits.reservations r
            where r.account_id = p_place and r.kind = 'pool' and r.user_id = p_user_id and r.status = 'held'
        )
        or exists (
            select from gifts.gift_redemptions r
            where r.code = p_place and r.redeemer_user_id = p_user_id and r.status = 'success'
        )
    then
        return true;
    end if;
    -- Where accounts are spread these may lie on other machines, where no trigger looks.
    if (select s.spread from credits.settings s) then
        return false;
    end if;
    return exists (select m.user_id from credits.members m where m.user_id = p_user_id and m.organization_id = p_place)
        or exists (
            select r.code from gifts.gift_redemptions r
            where r.redeemer_user_id = p_user_id and r.status = 'success' and p_place is null
        );
end
$$;

comment on function credits._has_traces is
'Whether anything is left of a person''s own account under an id. Or, where p_place names a pool or a gift, of what they
did there';
