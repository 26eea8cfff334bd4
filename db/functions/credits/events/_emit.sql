create or replace function credits._emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb) returns void
language plpgsql
as $$
begin
    if exists (select from credits.event_consumers c where p_type = any (c.types) and c.lost_at is null) then
        insert into credits.outbox (id, type, user_id, organization_id, data, created_at)
        values (credits._new_id(), p_type, p_user_id, p_organization_id, p_data, credits._now());
    end if;
end
$$;

comment on function credits._emit(text, text, text, jsonb) is
    'Writes an event into the outbox if anybody wants its type; it comes to be, or not, with the caller''s transaction. '
    'Whoever writes one about an account has locked that, so that the account''s events are numbered in its order';
