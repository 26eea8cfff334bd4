create or replace function credits._end_erasure_in(p_place text, p_user_id text) returns void
language plpgsql
as $$
begin
    delete from credits.erasures e where e.place = p_place and e.account_id = p_user_id;
end
$$;

comment on function credits._end_erasure_in(text, text) is 'Ends what _begin_erasure_in began. Raises UC017 if something was left behind';
