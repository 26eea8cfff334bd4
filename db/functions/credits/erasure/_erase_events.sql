create or replace function credits._erase_events(p_user_id text) returns void
language plpgsql
as $$
begin
    -- The outbox first: what is being ordered meanwhile is found among the events then.
    delete from credits.outbox where user_id = p_user_id and organization_id is null;
    update credits.outbox set user_id = null, data = data - 'userId' where user_id = p_user_id;
    delete from credits.events where user_id = p_user_id and organization_id is null;
    update credits.events set user_id = null, data = data - 'userId' where user_id = p_user_id;
end
$$;

comment on function credits._erase_events(text) is
    'The part of an erasure that nobody may be told of any more: a person''s events go; those of pools stay, without the person';
