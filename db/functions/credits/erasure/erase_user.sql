create or replace function credits.erase_user(
    p_user_id text, p_email text default null, p_request_id text default null, p_caller text default null
) returns table (
    deleted_count integer, pseudonym text, forfeited_credits numeric, cancelled_gifts integer,
    released_reservations integer, pending boolean
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key constant bytea := (select k.key from credits.address_key k);
    v_addresses bytea[] := '{}';
    v_request credits.erasure_requests;
begin
    perform credits._check_id('userId', p_user_id);
    perform credits._go_in_line();
    if credits._is_pseudonym(p_user_id) then
        perform credits._refuse_invalid('userId', 'is a pseudonym already');
    end if;
    if p_email is not null then
        v_addresses := array[credits._address_hash(credits._check_email('email', p_email), v_key)];
    end if;
    perform credits._check_cap('erase', null, 0, p_caller);
    pseudonym := credits._new_pseudonym(p_user_id);
    select * into v_request from credits.erasure_requests r where r.user_hash = credits._keyed_hash(p_user_id, v_key);
    if v_request.user_id is null then
        if credits._is_large(p_user_id, credits._addresses_of(p_user_id) || v_addresses) then
            v_request := credits._request_erasure(p_user_id, pseudonym, v_addresses);
        else
            select e.* into deleted_count, forfeited_credits, cancelled_gifts, released_reservations
            from credits._erase(p_user_id, pseudonym, v_addresses, p_request_id, false) e;
        end if;
    end if;
    pending := v_request.user_id is not null;
    -- Of a large account, what there was to tell in the end.
    if pending or (deleted_count = 0 and v_request.user_hash is not null) then
        deleted_count := v_request.deleted_count;
        pseudonym := v_request.pseudonym;
        forfeited_credits := v_request.forfeited_credits;
        cancelled_gifts := v_request.cancelled_gifts;
        released_reservations := v_request.released_reservations;
    end if;
    return next;
end
$$;

comment on function credits.erase_user is
'Erases a person, as docs/erasure.md says. Open reservations are released, open gifts of theirs cancelled, the balance
is forfeited by an entry of type erasure. Then a random pseudonym takes the place of their id in every table. Their free
texts, metadata, keys, Stripe customer and e-mail addresses go, and no amount changes. Gifts that others made for
them lose their addresses (p_email among them) and the Matrix ids that they redeemed gifts with. What others wrote about
them stays theirs. deleted_count is the number of rows rewritten or removed.
Who has very much (20,000 entries, 500 open gifts) is cut off at once: no credits of theirs move any more (55P03), and
pending is true. The background work finishes it (credits.continue_erasure). A retry afterwards tells the
result, with pending false and without the pseudonym.
Errors: UC001 invalid_request (also in REPEATABLE READ or SERIALIZABLE, where what came since the snapshot would stay
behind), UC016 cap_exceeded.
Idempotency: by nature; a second call finds nobody and rewrites nothing. An account opened later under the same id is a
new person''s, and what repeats a call of the old one''s is refused (UC004).
Locks: the person''s gifts and those for them, their purchases, the pools they used, their account, and last the order
of events: none gets its position until the transaction ends.';
