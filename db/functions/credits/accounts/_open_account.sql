create or replace function credits._open_account(p_user_id text) returns void
language plpgsql
as $$
begin
    if not exists (select from credits.balances b where b.user_id = p_user_id) then
        perform credits._refuse_pseudonym(p_user_id);
    end if;
    insert into credits.balances (user_id) values (p_user_id) on conflict (user_id) do nothing;
end
$$;

comment on function credits._open_account(text) is
    'Opens a user''s account with nothing in it unless it is there. Raises UC001 for a new one whose id looks like that of somebody who was erased';
