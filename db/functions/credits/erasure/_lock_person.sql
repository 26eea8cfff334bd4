create or replace function credits._lock_person(
    p_user_id text,
    p_email text,
    out addresses bytea[],
    out gifts_by_them text[],
    out gifts_for_them text[],
    out purchases uuid[],
    out pools text[],
    out has_account boolean
)
language plpgsql
as $$
declare
    v_matrix_ids text[];
begin
    loop
        begin
            addresses := credits._addresses_of(p_user_id, p_email);
            v_matrix_ids := credits._matrix_ids_of(p_user_id);
            select
                coalesce(array_agg(g.code) filter (where g.creator_id = p_user_id), '{}'),
                coalesce(array_agg(g.code) filter (where g.for_them or g.target_matrix_id = any (v_matrix_ids)), '{}')
            into gifts_by_them, gifts_for_them
            from (
                select *, c.target_hash = any (addresses) as for_them
                from gifts.gift_codes c
                where c.code in (
                    select by_them.code from gifts.gift_codes by_them where by_them.creator_id = p_user_id
                    union all
                    select f.code from gifts.gift_codes f where f.target_hash = any (addresses)
                    union all
                    select f.code from gifts.gift_codes f where f.target_matrix_id = any (v_matrix_ids)
                    union all
                    select r.code
                    from gifts.gift_redemptions r
                    join gifts.gift_codes f on f.code = r.code
                    where r.redeemer_user_id = p_user_id and r.status = 'success'
                        and (f.target_email is not null or f.target_matrix_id is not null)
                )
                order by c.code
                for no key update
            ) g;
            select coalesce(array_agg(p.id), '{}') into purchases
            from (
                select id from credits.purchases where user_id = p_user_id order by id for no key update
            ) p;
            select coalesce(array_agg(o.organization_id order by o.organization_id), '{}') into pools
            from (
                select t.organization_id from credits.guild_transactions t where t.user_id = p_user_id
                union
                select r.organization_id::text from credits.reservations r
                where r.user_id = p_user_id and r.organization_id is not null
            ) o;
            perform credits._lock_pool(o.organization_id) from unnest(pools) o (organization_id);
            has_account := (credits._lock_balance(p_user_id, p_create => false)).user_id is not null;
            -- What came about while a lock was waited for has to be locked too, in the same order.
            if has_account and (
                not credits._addresses_of(p_user_id, p_email) <@ addresses
                or not credits._matrix_ids_of(p_user_id) <@ v_matrix_ids
                or exists (
                    select from gifts.gift_codes g where g.creator_id = p_user_id and g.code <> all (gifts_by_them)
                ) or exists (
                    select from credits.purchases p
                    where p.user_id = p_user_id and p.status = 'completed' and p.id <> all (purchases)
                ) or exists (
                    select from credits.guild_transactions t
                    where t.user_id = p_user_id and t.type = 'funding' and t.organization_id <> all (pools)
                )
            ) then
                raise exception using errcode = 'UX001', message = 'taken back';
            end if;
            return;
        exception when sqlstate 'UX001' then
            null;
        end;
    end loop;
end
$$;

comment on function credits._lock_person(text, text) is
    'Locks, in the one order, all that an erasure changes: a person''s gifts and those for their addresses and Matrix ids, their purchases, the pools they used, their balance. '
    'Returns what of each is locked; nothing of it can change until the transaction ends, and what is begun elsewhere meanwhile is a new person''s';
