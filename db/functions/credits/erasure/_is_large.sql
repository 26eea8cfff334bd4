create or replace function credits._is_large(p_user_id text, p_addresses bytea[]) returns boolean
language plpgsql stable
as $$
declare
    v_left bigint := 20000 - coalesce((credits._last_entry(p_user_id, 'person')).sequence, 0);
    v_pool text;
begin
    for v_pool in select m.organization_id from credits.members m where m.user_id = p_user_id limit 500 loop
        exit when v_left < 0;
        select v_left - count(*) into v_left
        from (
            select from credits.entries e
            where e.account_id = v_pool and e.kind = 'pool' and e.other_id = p_user_id
            limit v_left + 1
        ) e;
    end loop;
    return v_left < 0
        or exists (
            select g.code from gifts.gift_codes g where g.creator_id = p_user_id and g.status = 'active' offset 500
        )
        or exists (select g.code from gifts.gift_codes g where g.creator_id = p_user_id offset 2000)
        or exists (select g.code from gifts.gift_codes g where g.target_hash = any (p_addresses) offset 2000)
        or exists (select r.code from gifts.gift_redemptions r where r.redeemer_user_id = p_user_id offset 5000)
        or exists (
            select r.id from credits.reservations r
            where r.account_id = p_user_id and r.kind = 'person' and r.status = 'held'
            offset 500
        )
        or exists (select m.user_id from credits.members m where m.user_id = p_user_id offset 500);
end
$$;

comment on function credits._is_large is
'Whether a person has too much to be erased while somebody waits: 20,000 entries, their own and in pools, 500 open
gifts, holds or pools, 2,000 gifts by or for them, 5,000 redemptions';
