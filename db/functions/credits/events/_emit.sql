create or replace function credits._emit(p_type text, p_user_id text, p_organization_id text, p_data jsonb) returns void
language plpgsql
as $$
declare
    v_account_id constant text := coalesce(p_organization_id, p_user_id);
    v_kind constant credits.account_kind := case when p_organization_id is null then 'person' else 'pool' end;
    v_number bigint;
begin
    if exists (select from credits.settings s where p_type = any (s.events)) then
        -- Whoever writes has locked the account: those that have been ordered meanwhile come before.
        select coalesce(max(o.number), 0) + 1 into v_number
        from credits.outbox o
        where o.account_id = v_account_id and o.kind = v_kind;
        insert into credits.outbox (account_id, kind, number, id, type, user_id, organization_id, data, created_at)
        values (
            v_account_id, v_kind, v_number, credits._new_id(), p_type, p_user_id, p_organization_id, p_data,
            credits._now()
        );
    end if;
end
$$;

comment on function credits._emit(text, text, text, jsonb) is
'Writes an event, to be told if this transaction commits, unless nobody wants its type; the caller has locked the
account that it is about';
