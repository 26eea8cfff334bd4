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
    v_locked constant record := credits._lock_person(p_user_id, p_addresses, p_closed);
    v_gift gifts.gift_codes;
    v_marks text[];
    v_frozen boolean;
    v_places text[];
    v_place text;
    v_gifts constant text[] := v_locked.gifts_redeemed || v_locked.gifts_for_them;
    v_rows integer;
begin
    forfeited_credits := 0;
    cancelled_gifts := 0;
    released_reservations := 0;
    set constraints credits.end_erasure deferred;
    -- Of an account that was closed this was done before it was blocked everywhere.
    if not p_closed then
        perform credits._bury_blocks(p_user_id);
    end if;
    if v_locked.has_account then
        for v_gift in
            select * from gifts.gift_codes g where g.creator_id = p_user_id and g.status = 'active' order by g.id
        loop
            perform gifts._return_unclaimed(v_gift, 'cancelled', p_request_id);
            cancelled_gifts := cancelled_gifts + 1;
        end loop;
        released_reservations := credits._release_holds(p_user_id, p_user_id, 'person', p_request_id);
        perform credits._settle(p_user_id, 'person');
        forfeited_credits := credits._forfeit(p_user_id, p_request_id);
        v_marks := array(
            select 'key:' || e.idempotency_key
            from credits.entries e
            where e.account_id = p_user_id and e.kind = 'person'
            union all
            select e.type || ':' || e.reference_id
            from credits.entries e
            where e.account_id = p_user_id and e.kind = 'person'
                and (e.type = 'grant' or (e.type = 'gift' and e.amount > 0 and not e.reversal))
            union all
            select 'key:' || a.idempotency_key from credits.admin_actions a where a.account_id = p_user_id
        );
        perform credits._bury(p_user_id, 'person', v_marks);
        select a.frozen_at is not null into v_frozen
        from credits.accounts a
        where a.account_id = p_user_id and a.kind = 'person';
        perform credits._bury(p_user_id, 'person', array['frozen'], v_frozen);
    end if;
    -- Stripe knows the person still; the background work deletes them there.
    insert into credits.stripe_customer_deletions (stripe_customer_id)
    select c.stripe_customer_id from credits.stripe_customers c where c.user_id = p_user_id
    union
    select p.stripe_customer_id from credits.purchases p
    where p.user_id = p_user_id and p.id = any (v_locked.purchases) and p.stripe_customer_id is not null
    on conflict do nothing;
    insert into credits.erasures (place, account_id, pseudonym) values (p_user_id, p_user_id, p_pseudonym);
    -- As a query it runs on the account's machine.
    select r.rows into deleted_count
    from credits._erase_in_place(
        p_user_id, array['person', case when v_locked.has_account then 'account' end], p_user_id, p_pseudonym,
        v_locked.purchases, v_locked.pools, v_locked.addresses
    ) r (rows);
    -- Not counted: they go by themselves within minutes.
    delete from credits.attempts where subject = p_user_id;
    v_places := v_locked.pools || v_gifts || array(
        select g.code from gifts.gift_codes g where g.creator_id = p_user_id and v_locked.has_account
        union
        select r.code from gifts.gift_redemptions r
        where r.redeemer_user_id = p_user_id and (v_locked.has_account or r.status <> 'success')
        union
        select l.organization_id from credits.guild_spending_limits l where l.user_id = p_user_id
        union
        select h.account_id from credits.rule_history h
        where h.subject_id = p_user_id and h.table_name = 'guild_spending_limits'
        union
        select a.account_id from credits.admin_actions a where a.admin_id = p_user_id
    );
    for v_place in select distinct p.place from unnest(v_places) p (place) order by p.place loop
        -- A guild may have the id of its member.
        insert into credits.erasures (place, account_id, pseudonym) values (v_place, p_user_id, p_pseudonym)
        on conflict do nothing;
        if v_place = any (v_locked.pools) then
            perform credits._lock_account(v_place, 'pool');
            released_reservations := released_reservations
                + credits._release_holds(p_user_id, v_place, 'pool', p_request_id);
            v_marks := array(
                select 'key:' || e.idempotency_key
                from credits.entries e
                where e.account_id = v_place and e.kind = 'pool' and e.other_id = p_user_id
                    and e.idempotency_key is not null
            );
            perform credits._bury(v_place, 'pool', v_marks);
            -- Whoever has a snapshot from before gets 40001 for this row: no new entry tells of the erasure.
            update credits.accounts
            set has_tombstones = has_tombstones or v_marks <> '{}'
            where account_id = v_place and kind = 'pool';
        end if;
        select r.rows into v_rows
        from credits._erase_in_place(
            v_place,
            array[
                'place',
                case when v_place = any (v_locked.pools) then 'pool' end,
                case when v_locked.has_account then 'gift' end,
                case when v_place = any (v_gifts) then 'gift for them' end
            ],
            p_user_id, p_pseudonym
        ) r (rows);
        deleted_count := deleted_count + v_rows;
    end loop;
    -- Last, since no event gets its position from here on until the transaction ends. Whoever orders events has them
    -- until that is committed, and nobody orders them until this is: no order of locking them matters.
    perform from credits.event_log l for update;
    -- Of somebody without an account, and of other pools, they are a new person's.
    if v_locked.has_account then
        delete from credits.outbox where account_id = p_user_id and kind = 'person';
        delete from credits.events where user_id = p_user_id and organization_id is null;
    end if;
    foreach v_place in array v_locked.pools loop
        update credits.outbox set user_id = null, data = data - 'userId'
        where account_id = v_place and kind = 'pool' and user_id = p_user_id;
    end loop;
    update credits.events set user_id = null, data = data - 'userId'
    where user_id = p_user_id and organization_id = any (v_locked.pools);
    delete from credits.erasures where account_id = p_user_id;
end
$$;

comment on function credits._erase is
'Puts a pseudonym in the place of a person, everywhere and as a whole: ends what is open, forfeits the balance, and
changes nothing but names and texts. Nobody may be told of them any more: their events go, those of pools stay without
them. Returns what it did. Locks as _lock_person says, then the order of events; each pool of an account that is closed
only before its own rows';
