create or replace function credits._begin_erasure_in(p_place text, p_user_id text, p_pseudonym text) returns void
language plpgsql
as $$
begin
    insert into credits.erasures (place, account_id, pseudonym) values (p_place, p_user_id, p_pseudonym)
    -- A guild may have the id of its member.
    on conflict do nothing;
end
$$;

comment on function credits._begin_erasure_in is
    'Lets a person give way to a pseudonym in the rows of an account or a gift, until its row in credits.erasures goes, which is refused (UC017) while something is left behind';
