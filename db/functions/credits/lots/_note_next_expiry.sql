create or replace function credits._note_next_expiry(p_user_id text) returns void
language plpgsql
as $$
begin
    update credits.balances
    set next_expiry = (
        select min(d.expires_at) from credits.dated_credits d where d.user_id = p_user_id and d.remaining > 0
    )
    where user_id = p_user_id;
end
$$;

comment on function credits._note_next_expiry(text) is
    'Keeps in a balance when the first of its dated credits expires. Called by the triggers that fold them';
