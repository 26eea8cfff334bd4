create or replace function gifts.get_gift(p_code text)
returns table (
    code text, type gifts.gift_type, status gifts.gift_status, total_credits numeric, credits_per_portion numeric,
    total_portions integer, claimed_portions integer, remaining_portions integer, redeemed boolean, has_riddle boolean,
    riddle_question text, is_personalized boolean, message text, creator_name text, expires_at timestamptz
)
language plpgsql stable security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select
        g.code, g.type, gifts._status_now(g.status, g.expires_at), g.total_credits, g.credits_per_portion,
        g.total_portions, g.claimed_portions, g.total_portions - g.claimed_portions, g.status = 'depleted',
        g.riddle_question is not null, g.riddle_question,
        g.target_email is not null or g.target_matrix_id is not null, g.message, g.creator_name, g.expires_at
    from gifts.gift_codes g
    where g.code = gifts._normalize_code(p_code);
    if not found then
        perform gifts._refuse_unknown();
    end if;
end
$$;

comment on function gifts.get_gift is
'Shows of a gift what anybody who has the code may know: no address, no answer, nobody''s id.
Errors: UG001 gift_not_found.
Idempotency: reads only.
Locks: none.';
