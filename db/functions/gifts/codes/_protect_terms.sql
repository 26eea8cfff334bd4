create or replace function gifts._protect_terms() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'UC017',
        message = 'What a gift is worth never changes, and one that has ended stays so',
        hint = 'Use gifts.create_gift, gifts.cancel_gift and gifts.expire_gifts';
end
$$;

comment on function gifts._protect_terms() is
    'Trigger: refuses to change what a gift costs and how it is shared out, and to reopen one that has ended (UC017)';
