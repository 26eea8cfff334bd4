create or replace function credits.erase_user(p_user_id text, p_email text default null)
returns table (
    deleted_count integer, pseudonym text, forfeited_credits numeric, cancelled_gifts integer, released_reservations integer
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    -- Not derived from the person, so that nobody can find it again from the id.
    v_pseudonym constant text := 'erased:' || credits._new_id();
    v_locked record;
    v_gift gifts.gift_codes;
    v_held credits.reservations;
    v_cancelled integer := 0;
    v_released integer := 0;
    v_forfeited numeric := 0;
    v_now timestamptz;
begin
    perform credits._check_id('userId', p_user_id);
    if credits._is_pseudonym(p_user_id) then
        perform credits._refuse_invalid('userId', 'is a pseudonym already');
    end if;
    if p_email is not null then
        perform credits._check_email('email', p_email);
    end if;
    perform credits._check_cap('erase', null, 0);
    -- Whatever the caller has set for the constraints of its own: a person is renamed table by table.
    set constraints credits.check_erasure deferred;
    v_locked := credits._lock_person(p_user_id, p_email);

    for v_gift in
        select * from gifts.gift_codes g where g.code = any (v_locked.gifts_by_them) and g.status = 'active' order by g.id
    loop
        perform gifts._return_unclaimed(v_gift, 'cancelled');
        v_cancelled := v_cancelled + 1;
    end loop;
    for v_held in
        select * from credits.reservations r
        where r.user_id = p_user_id
            and r.status = 'held'
            and (r.organization_id = any (v_locked.pools) or (r.organization_id is null and v_locked.has_account))
        order by r.id
    loop
        v_now := credits._now();
        update credits.reservations r
        set
            status = 'released',
            ended_at = v_now,
            balance_after_end = coalesce(
                (select p.balance + r.amount from credits.guild_pools p where p.organization_id = r.organization_id), 0
            )
        where r.account_id = v_held.account_id and r.id = v_held.id;
        v_released := v_released + 1;
    end loop;
    if v_locked.has_account then
        v_forfeited := credits._forfeit(p_user_id);
    end if;

    -- What waits for the end of the transaction looks for this person: let it look now.
    set constraints credits.check_counterpart, credits.check_guild_counterpart immediate;
    set constraints credits.check_counterpart, credits.check_guild_counterpart deferred;

    return query select
        credits._rewrite_identity(
            p_user_id, v_pseudonym, v_locked.has_account, v_locked.pools, v_locked.purchases, v_locked.gifts_for_them,
            v_locked.addresses
        ),
        v_pseudonym, v_forfeited, v_cancelled, v_released;
    -- Whoever comes under this id later in the transaction is a new person.
    set constraints credits.check_erasure immediate;
    set constraints credits.check_erasure deferred;
end
$$;

comment on function credits.erase_user(text, text) is
'Erases a person: open reservations are released, open gifts of theirs cancelled, the balance forfeited by a ledger row of type erasure; then a random pseudonym takes the place of their id in every table, their free text, metadata, keys, Stripe customer and e-mail addresses go, and no amount changes. The id of the Stripe customer alone stays, with nothing that says whose it was, until the background work has deleted it at Stripe. The addresses by which they were met (that known from Stripe, those that they came with to redeem gifts, those that redeem_pending_gifts was called with, and p_email) and the Matrix ids that they redeemed gifts with are also removed from gifts that others made for them, redeemed or not, and every address and Matrix id from gifts made for them that they redeemed. What others wrote about them stays theirs. deleted_count is the number of rows rewritten or removed.
Errors: UC001 invalid_request, UC016 cap_exceeded.
Idempotency: by nature; a second call finds nobody and rewrites nothing. An account opened later under the same id is a new person.
Locks: the person''s gifts and those for them, their purchases, the pools they used, their balance. What they do at the same time counts as done before or after, as a whole.';
