create or replace function credits._is_erasure(p_place text, p_old_id text, p_new_id text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from credits.erasures e where e.place = p_place and e.account_id = p_old_id and e.pseudonym = p_new_id
    );
end
$$;

comment on function credits._is_erasure is
'Whether this transaction lets a person give way to that pseudonym in the rows of an account or a gift. The triggers of
append-only tables allow an update for that';
