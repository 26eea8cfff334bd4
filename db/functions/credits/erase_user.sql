create or replace function credits.erase_user(p_user_id text, p_email text default null)
returns table (
    deleted_count integer, pseudonym text, forfeited_credits numeric, cancelled_gifts integer, released_reservations integer
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    -- Not derived from the person, so that nobody can find it again from the id.
    v_pseudonym constant text := 'erased:' || credits._new_id();
    v_emails text[];
    v_pools text[];
    v_gifts gifts.gift_codes[];
    v_gift gifts.gift_codes;
    v_balance credits.balances;
    v_held credits.reservations;
    v_forfeited numeric := 0;
    v_released integer := 0;
begin
    perform credits._check_id('userId', p_user_id);
    if p_user_id like 'erased:%' then
        perform credits._refuse_invalid('userId', 'is a pseudonym already');
    end if;

    -- Locks in the one order: gifts, purchases, pools, balances.
    select array_agg(g order by g.id) into v_gifts
    from (
        select * from gifts.gift_codes
        where creator_id = p_user_id and status = 'active'
        order by code
        for no key update
    ) g;
    perform from credits.purchases p where p.user_id = p_user_id order by p.id for no key update;
    select array_agg(o.organization_id order by o.organization_id) into v_pools
    from (
        select t.organization_id from credits.guild_transactions t where t.user_id = p_user_id
        union
        select r.organization_id::text from credits.reservations r where r.user_id = p_user_id and r.organization_id is not null
    ) o;
    v_pools := coalesce(v_pools, '{}');
    perform credits._lock_pool(o.organization_id) from unnest(v_pools) o (organization_id);
    v_balance := credits._lock_balance(p_user_id, p_create => false);

    foreach v_gift in array coalesce(v_gifts, '{}') loop
        perform gifts._return_unclaimed(v_gift, 'cancelled');
    end loop;
    for v_held in
        select * from credits.reservations r
        where r.user_id = p_user_id
            and r.status = 'held'
            and (r.organization_id is null or r.organization_id = any (v_pools))
        order by r.id
    loop
        update credits.reservations r
        set
            status = 'released',
            ended_at = clock_timestamp(),
            balance_after_end = coalesce(
                (select p.balance + r.amount from credits.guild_pools p where p.organization_id = r.organization_id), 0
            )
        where r.account_id = v_held.account_id and r.id = v_held.id;
        v_released := v_released + 1;
    end loop;
    select * into v_balance from credits.balances b where b.user_id = p_user_id;
    if v_balance.balance > 0 then
        v_forfeited := v_balance.balance;
        perform credits._post_transaction(v_balance, 'erasure', -v_forfeited, '');
    end if;

    -- What waits for the end of the transaction looks for this person: let it look now.
    set constraints credits.check_counterpart, credits.check_guild_counterpart immediate;
    set constraints credits.check_counterpart, credits.check_guild_counterpart deferred;

    select array_agg(lower(e.email)) into v_emails
    from (
        select c.email from credits.stripe_customers c where c.user_id = p_user_id and c.email is not null
        union
        select p_email where p_email is not null
    ) e;
    return query select
        credits._rewrite_identity(p_user_id, v_pseudonym, v_balance.user_id is not null, v_pools, coalesce(v_emails, '{}')),
        v_pseudonym, v_forfeited, coalesce(cardinality(v_gifts), 0), v_released;
    -- Whoever comes under this id later in the transaction is a new person.
    set constraints credits.check_erasure immediate;
    set constraints credits.check_erasure deferred;
end
$$;

comment on function credits.erase_user(text, text) is
'Erases a person: open reservations are released, open gifts of theirs cancelled, the balance forfeited by a ledger row of type erasure; then a random pseudonym takes the place of their id in every table, their free text, metadata, keys, Stripe customer and e-mail addresses go, and no amount changes. p_email, and the address known from Stripe, are also removed from gifts that others made for them. deleted_count is the number of rows rewritten or removed.
Errors: UC001 invalid_request.
Idempotency: by nature; a second call finds nobody and rewrites nothing. An account opened later under the same id is a new person.
Locks: the person''s gifts, purchases, the pools they used, their balance. What they do at the same time counts as done before or after, as a whole.';
