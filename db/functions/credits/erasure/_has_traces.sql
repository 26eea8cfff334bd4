create or replace function credits._has_traces(p_account_id text) returns boolean
language plpgsql stable
as $$
begin
    if exists (select from credits.accounts a where a.account_id = p_account_id and a.kind = 'person')
        or exists (select from credits.entries e where e.account_id = p_account_id and e.kind = 'person')
        or exists (select from credits.lots l where l.account_id = p_account_id)
        or exists (select from credits.lot_movements m where m.account_id = p_account_id)
        or exists (select from credits.seals s where s.account_id = p_account_id and s.kind = 'person')
        or exists (select from credits.admin_actions a where a.account_id = p_account_id)
        or exists (select from credits.reservations r where r.account_id = p_account_id and r.kind = 'person')
        or exists (select from credits.usage_folds f where f.user_id = p_account_id)
        or exists (select from credits.usage_marks m where m.user_id = p_account_id)
    then
        return true;
    end if;
    -- Where accounts are spread these may lie on other machines, where no trigger looks.
    if (select s.spread from credits.settings s) then
        return false;
    end if;
    return exists (select r.code from gifts.gift_redemptions r where r.redeemer_user_id = p_account_id and r.status = 'success');
end
$$;

comment on function credits._has_traces is 'Whether anything is left of a person''s own account under an id';
