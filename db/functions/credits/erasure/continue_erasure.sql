create or replace function credits.continue_erasure() returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request credits.erasure_requests;
    v_later constant timestamptz := credits._now() + interval '1 minute';
    v_codes text[];
    v_code text;
    v_gift gifts.gift_codes;
    v_done record;
    v_now timestamptz;
begin
    perform credits._go_in_line();
    select * into v_request
    from credits.erasure_requests r
    where r.finished_at is null and credits._has_come(r.due_at, credits._now(), interval '1 hour')
    order by r.due_at
    limit 1
    for no key update skip locked;
    if not found then
        return false;
    end if;
    v_codes := array(
        select g.code from gifts.gift_codes g
        where g.creator_id = v_request.user_id and g.status = 'active'
        order by g.code
        limit 100
    );
    begin
        -- So that no lock is held for long: open gifts, some at a time, then all the rest.
        if v_codes <> '{}' then
            foreach v_code in array v_codes loop
                perform from gifts.gift_codes g where g.code = v_code for no key update;
            end loop;
            -- To everybody else it stays closed.
            update credits.accounts set closed_at = null where account_id = v_request.user_id and kind = 'person';
            foreach v_code in array v_codes loop
                select * into v_gift from gifts.gift_codes g where g.code = v_code and g.status = 'active';
                if found then
                    perform gifts._return_unclaimed(v_gift, 'cancelled');
                    v_request.cancelled_gifts := v_request.cancelled_gifts + 1;
                end if;
            end loop;
            update credits.accounts set closed_at = v_request.requested_at
            where account_id = v_request.user_id and kind = 'person';
            v_now := credits._now();
            update credits.erasure_requests r
            set cancelled_gifts = v_request.cancelled_gifts, due_at = v_now
            where r.user_hash = v_request.user_hash;
        else
            v_done := credits._erase(v_request.user_id, v_request.pseudonym, v_request.addresses, null, true);
            v_now := credits._now();
            update credits.erasure_requests r
            set
                user_id = null, pseudonym = null, addresses = null, finished_at = v_now,
                deleted_count = v_done.deleted_count, forfeited_credits = v_done.forfeited_credits,
                cancelled_gifts = r.cancelled_gifts + v_done.cancelled_gifts,
                released_reservations = v_done.released_reservations
            where r.user_hash = v_request.user_hash;
        end if;
    exception when others then
        -- It keeps nobody else from theirs.
        raise warning 'an erasure waits: %', sqlstate;
        update credits.erasure_requests r set due_at = v_later where r.user_hash = v_request.user_hash;
    end;
    return true;
end
$$;

comment on function credits.continue_erasure is
'Does the next step of an erasure of somebody with very much. 100 open gifts of theirs are cancelled. When there are
none left, all the rest is done in one transaction, which takes seconds for every 100,000 entries and locks pools at its
end. Says whether there was any; call again while there is.
Errors: none.
Idempotency: by nature; several callers at once do steps of different people.
Locks: the gifts and the account, or what erase_user locks, the pools last. What fails is tried again after a minute.';
