create or replace function credits._erase(
    p_user_id text,
    p_pseudonym text,
    p_addresses bytea[],
    p_request_id text,
    p_closed boolean,
    out deleted_count integer,
    out forfeited_credits numeric,
    out cancelled_gifts integer,
    out released_reservations integer
)
language plpgsql
as $$
declare
    v_locked record;
    v_gift gifts.gift_codes;
    v_pool text;
    v_in_pool record;
begin
    v_locked := credits._lock_person(p_user_id, p_addresses, p_closed);
    deleted_count := 0;
    forfeited_credits := 0;
    cancelled_gifts := 0;
    released_reservations := 0;
    for v_gift in
        select * from gifts.gift_codes g
        where g.creator_id = p_user_id and g.status = 'active' and v_locked.has_account
        order by g.id
    loop
        perform gifts._return_unclaimed(v_gift, 'cancelled', p_request_id);
        cancelled_gifts := cancelled_gifts + 1;
    end loop;
    if v_locked.has_account then
        released_reservations := credits._release_holds(p_user_id, p_user_id, 'person', p_request_id);
        perform credits._settle(p_user_id, 'person');
        forfeited_credits := credits._forfeit(p_user_id, p_request_id);
    end if;
    set constraints credits.end_erasure deferred;
    -- Of an account that was closed this was done before it was blocked everywhere.
    if not p_closed then
        perform credits._bury_blocks(p_user_id);
    end if;
    deleted_count := deleted_count + credits._erase_elsewhere(p_user_id, p_pseudonym);
    perform credits._begin_erasure_in(p_user_id, p_user_id, p_pseudonym);
    if v_locked.has_account then
        perform credits._bury_account(p_user_id);
        delete from credits.spending_limits where account_id = p_user_id and kind = 'person';
        -- As a query it runs on the account's machine.
        select deleted_count + r.renamed into deleted_count from credits._rename(p_user_id, p_pseudonym, 'account') r (renamed);
    end if;
    deleted_count := deleted_count
        + credits._erase_purchases(p_user_id, p_pseudonym, v_locked.purchases)
        + credits._erase_gifts(
            p_user_id, p_pseudonym, v_locked.has_account, v_locked.gifts_for_them, v_locked.gifts_redeemed, v_locked.addresses
        );
    delete from credits.outbox where account_id = p_user_id and kind = 'person';
    foreach v_pool in array v_locked.pools loop
        perform credits._lock_account(v_pool, 'pool');
        v_in_pool := credits._erase_in_pool(p_user_id, p_pseudonym, v_pool, p_request_id, deleted_count, released_reservations);
        deleted_count := v_in_pool.deleted_count;
        released_reservations := v_in_pool.released;
    end loop;
    -- Nobody may be told of them any more: their events go, those of pools stay without them. After the outbox: what was being
    -- ordered meanwhile is found here then.
    delete from credits.events where user_id = p_user_id and organization_id is null;
    update credits.events set user_id = null, data = data - 'userId' where user_id = p_user_id;
    delete from credits.erasures where place = p_user_id and account_id = p_user_id;
end
$$;

comment on function credits._erase is
    'Puts a pseudonym in the place of a person, everywhere and as a whole: ends what is open, forfeits the balance, and changes nothing but names and texts. Returns what it did. Locks as _lock_person says; of an account that is closed each pool only before its own rows';
