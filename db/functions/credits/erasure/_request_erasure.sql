create or replace function credits._request_erasure(p_user_id text, p_pseudonym text, p_addresses bytea[])
returns credits.erasure_requests
language plpgsql
as $$
declare
    v_now constant timestamptz := credits._now();
    v_hash constant bytea := credits._keyed_hash(p_user_id, (select k.key from credits.address_key k));
    v_pool text;
    v_request credits.erasure_requests;
begin
    -- A row that is there is of somebody before, who had the same id, or of a call at the same moment.
    delete from credits.erasure_requests r where r.user_hash = v_hash and r.finished_at is not null;
    insert into credits.erasure_requests (user_hash, user_id, pseudonym, addresses, requested_at, due_at)
    values (v_hash, p_user_id, p_pseudonym, p_addresses, v_now, v_now)
    on conflict do nothing;
    perform credits._bury_blocks(p_user_id);
    for v_pool in
        select m.organization_id from credits.members m where m.user_id = p_user_id order by m.organization_id
    loop
        insert into credits.guild_spending_limits (organization_id, user_id, daily_limit) values (v_pool, p_user_id, 0)
        on conflict (organization_id, user_id) do update set daily_limit = 0;
    end loop;
    insert into credits.accounts (account_id, kind, closed_at) values (p_user_id, 'person', v_now)
    on conflict (account_id, kind) do update set closed_at = excluded.closed_at;
    select * into v_request from credits.erasure_requests r where r.user_hash = v_hash;
    return v_request;
end
$$;

comment on function credits._request_erasure is
'Cuts a person with very much off, and leaves their erasure to continue_erasure: their account is closed, also where
they only used pools, and they are blocked in the pools that they used';
