create or replace function credits._lock_person(
    p_user_id text,
    p_addresses bytea[],
    p_closed boolean,
    out addresses bytea[],
    out gifts_for_them text[],
    out gifts_redeemed text[],
    out purchases uuid[],
    out pools text[],
    out has_account boolean
)
language plpgsql
as $$
declare
    v_matrix_ids text[];
    v_gifts_by_them text[];
    v_name text;
    v_is_locked boolean;
    v_found record;
    v_before record;
begin
    -- A snapshot from before a lock was waited for would leave behind what came since.
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        perform credits._refuse_invalid(
            'isolation', 'must be read committed: begin the transaction without repeatable read or serializable'
        );
    end if;
    for v_attempt in 1 .. 20 loop
        begin
            -- Looked for twice: what came about while a lock was waited for has to be locked too, in the same order.
            foreach v_is_locked in array array[false, true] loop
                v_before := v_found;
                addresses := credits._addresses_of(p_user_id) || p_addresses;
                v_gifts_by_them := array(
                    select g.code from gifts.gift_codes g where g.creator_id = p_user_id order by g.code
                );
                gifts_redeemed := array(
                    select r.code
                    from gifts.gift_redemptions r
                    join gifts.gift_codes g on g.code = r.code
                    where r.redeemer_user_id = p_user_id and r.status = 'success'
                        and (g.target_email is not null or g.target_matrix_id is not null)
                    order by r.code
                );
                -- The id let them redeem the gift; where an address is named too it may have been that.
                v_matrix_ids := array(
                    select g.target_matrix_id
                    from gifts.gift_codes g
                    where g.code = any (gifts_redeemed) and g.target_email is null
                        and g.target_matrix_id <> '' and not credits._is_pseudonym(g.target_matrix_id)
                );
                gifts_for_them := array(
                    select g.code from gifts.gift_codes g where g.target_hash = any (addresses)
                    union
                    select g.code from gifts.gift_codes g where g.target_matrix_id = any (v_matrix_ids)
                    order by 1
                );
                purchases := array(select p.id from credits.purchases p where p.user_id = p_user_id order by p.id);
                pools := array(
                    select m.organization_id
                    from credits.members m
                    where m.user_id = p_user_id
                    order by m.organization_id
                );
                v_found := row(addresses, v_gifts_by_them, gifts_redeemed, gifts_for_them, purchases, pools);
                exit when v_is_locked;
                for v_name in
                    select distinct c.code
                    from unnest(v_gifts_by_them || gifts_for_them || gifts_redeemed) c (code)
                    order by c.code
                loop
                    perform from gifts.gift_codes g where g.code = v_name for no key update;
                end loop;
                perform from credits.purchases p where p.user_id = p_user_id order by p.id for no key update;
                foreach v_name in array case when p_closed then '{}' else pools end loop
                    perform credits._lock_account(v_name, 'pool');
                end loop;
                -- Closed to everybody else it stays until this is committed.
                update credits.accounts set closed_at = null
                where account_id = p_user_id and kind = 'person' and closed_at is not null;
                perform from credits.accounts a where a.account_id = p_user_id and a.kind = 'person' for no key update;
                has_account := found;
                if not has_account then
                    return;
                end if;
                perform credits._lock_account(p_user_id, 'person');
            end loop;
            if v_found = v_before then
                return;
            end if;
            raise exception using errcode = 'UX001', message = 'taken back';
        exception when sqlstate 'UX001' then
            null;
        end;
    end loop;
    perform credits._refuse_outdated();
end
$$;

comment on function credits._lock_person is
'Locks, in the one order, all that an erasure changes. That is a person''s gifts and those for their addresses and
Matrix ids, their purchases, the pools they used, their account. Nobody waits for an account that is closed (p_closed):
its pools are left to the end. Returns what of each is locked. Nothing of it can change until the transaction ends, and
what is begun elsewhere meanwhile is a new person''s. Raises UC001 in a transaction that keeps its snapshot, 40001 for
somebody who goes on doing something new';
