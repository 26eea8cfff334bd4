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
    v_key constant bytea := (select k.key from credits.address_key k);
    v_matrix_ids text[];
begin
    loop
        begin
            addresses := credits._addresses_of(p_user_id, p_email);
            v_matrix_ids := credits._matrix_ids_of(p_user_id);
            select
                coalesce(array_agg(g.code) filter (where g.creator_id = p_user_id), '{}'),
                coalesce(
                    array_agg(g.code) filter (
                        where credits._address_hash(g.target_email, v_key) = any (addresses) or g.target_matrix_id = any (v_matrix_ids)
                    ),
                    '{}'
                )
            into gifts_by_them, gifts_for_them
            from (
                select * from gifts.gift_codes
                where creator_id = p_user_id
                    or credits._address_hash(target_email, v_key) = any (addresses)
                    or target_matrix_id = any (v_matrix_ids)
                    or (
                        (target_email is not null or target_matrix_id is not null)
                        and code in (
                            select r.code from gifts.gift_redemptions r
                            where r.redeemer_user_id = p_user_id and r.status = 'success'
                        )
                    )
                order by code
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
