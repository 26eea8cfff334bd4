create or replace function credits._erase_events(p_user_id text, p_has_account boolean, p_pools text[]) returns void
language plpgsql
as $$
declare
    v_pool text;
begin
    -- Whoever orders events has them until that is committed, and nobody orders them until this is: the order in which they are locked does not matter.
    perform from credits.event_log l for update;
    -- Of somebody without an account, and of other pools, they are a new person's.
    if p_has_account then
        delete from credits.outbox where account_id = p_user_id and kind = 'person';
        delete from credits.events where user_id = p_user_id and organization_id is null;
    end if;
    foreach v_pool in array p_pools loop
        update credits.outbox set user_id = null, data = data - 'userId'
        where account_id = v_pool and kind = 'pool' and user_id = p_user_id;
    end loop;
    update credits.events set user_id = null, data = data - 'userId' where user_id = p_user_id and organization_id = any (p_pools);
end
$$;

comment on function credits._erase_events is
    'Nobody may be told of an erased person any more: their events go, those of pools stay without them. Comes last, since no event gets its position before the transaction ends. Locks the order of events';
