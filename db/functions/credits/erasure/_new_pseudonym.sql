create or replace function credits._new_pseudonym(p_user_id text) returns text
language plpgsql
as $$
declare
    v_spread constant boolean := (select s.spread from credits.settings s);
    v_pseudonym text;
begin
    -- Not derived from the person, so that nobody can find it again from the id.
    loop
        v_pseudonym := 'erased:' || credits._new_id();
        exit when not v_spread;
        exit when credits._shard_of('credits.accounts', v_pseudonym) = credits._shard_of('credits.accounts', p_user_id);
    end loop;
    return v_pseudonym;
end
$$;

comment on function credits._new_pseudonym is
'A pseudonym made at random. Where accounts are spread, one that lies with the person''s account: its rows stay where
they are';
