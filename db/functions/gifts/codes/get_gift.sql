create or replace function gifts.get_gift(p_code text, p_address text default null)
returns table (
    code text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric,
    total_portions integer, claimed_portions integer, remaining_portions integer, redeemed boolean, has_riddle boolean,
    riddle_question text, is_personalized boolean, message text, creator_name text, expires_at timestamptz
)
language plpgsql security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_address is not null then
        perform credits._take_attempt('gift_look_up', left(p_address, 128), 60, interval '1 minute');
    end if;
    return query
    select
        g.code, g.type, gifts._status_now(g.status, g.expires_at), g.total_credits, g.credits_per_portion,
        g.total_portions, g.claimed_portions, g.total_portions - g.claimed_portions, g.status = 'depleted',
        g.riddle_question is not null, g.riddle_question,
        g.target_email is not null or g.target_matrix_id is not null, g.message, g.creator_name, g.expires_at
    from gifts.gift_codes g
    where g.code = gifts._normalize_code(p_code);
    if not found and p_address is null then
        perform gifts._refuse_unknown();
    end if;
end
$$;

comment on function gifts.get_gift is
'Shows what anybody who has a gift''s code may know: no address, no answer, nobody''s id. p_address is that of a
visitor: 60 look-ups at once, and as many anew in a minute. With it there is no row for a code that does not exist: the
look-up counts all the same, which a refusal would undo.
Errors: UG008 too_many_attempts (at p_address), UG001 gift_not_found (without p_address).
Idempotency: reads only, but that each look-up of p_address counts.
Locks: none, but the attempts of p_address.';
