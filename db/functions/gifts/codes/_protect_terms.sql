create or replace function gifts._protect_terms() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'What a gift is worth and whose it is never changes, portions are claimed one by one, and one that has ended stays so',
        hint = 'Use gifts.create_gift, gifts.cancel_gift and gifts.expire_gifts';
end
$$;

comment on function gifts._protect_terms() is
    'Trigger: refuses to change what a gift costs and how it is shared out, to give it to another creator, to claim more than the next portion or to take one back, and to reopen one that has ended (UC017)';
