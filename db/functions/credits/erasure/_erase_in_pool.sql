create or replace function credits._erase_in_pool(
    p_user_id text, p_pseudonym text, p_organization_id text, p_request_id text, inout deleted_count integer, inout released integer
)
language plpgsql
as $$
declare
    v_rows integer;
    v_marks text[];
begin
    perform credits._begin_erasure_in(p_organization_id, p_user_id, p_pseudonym);
    released := released + credits._release_holds(p_user_id, p_organization_id, 'pool', p_request_id);
    v_marks := array(
        select 'key:' || e.idempotency_key
        from credits.entries e
        where e.account_id = p_organization_id and e.kind = 'pool' and e.other_id = p_user_id and e.idempotency_key is not null
    );
    perform credits._bury(p_organization_id, 'pool', v_marks);
    -- Whoever has a snapshot from before gets 40001 for this row: no new entry of the pool has to tell them that the member is another one now.
    update credits.accounts set has_tombstones = has_tombstones or v_marks <> '{}' where account_id = p_organization_id and kind = 'pool';
    update credits.entries
    set other_id = p_pseudonym, description = '', metadata = '{}', idempotency_key = null, request_id = null
    where account_id = p_organization_id and kind = 'pool' and other_id = p_user_id;
    get diagnostics v_rows = row_count;
    deleted_count := deleted_count + v_rows;
    update credits.reservations set user_id = p_pseudonym, reason = ''
    where account_id = p_organization_id and kind = 'pool' and user_id = p_user_id;
    get diagnostics v_rows = row_count;
    deleted_count := deleted_count + v_rows;
    update credits.outbox set user_id = null, data = data - 'userId'
    where account_id = p_organization_id and kind = 'pool' and user_id = p_user_id;
    perform from credits._rename(p_user_id, p_pseudonym, 'pools', array[p_organization_id]) r;
    delete from credits.erasures where place = p_organization_id and account_id = p_user_id;
end
$$;

comment on function credits._erase_in_pool is
    'Puts a pseudonym in the place of a member in all that they did in a pool, which the caller has locked, and releases what they hold of it; adds to the counts';
