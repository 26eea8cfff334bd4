create or replace function credits._use_item(
    p_kind credits.account_kind,
    p_place integer,
    p_request credits.use_request,
    p_caller text,
    p_waits boolean
) returns credits.use_outcome
language plpgsql
as $$
declare
    v_outcome credits.use_outcome;
    v_detail text;
    v_hint text;
begin
    begin
        if not p_waits then
            perform from credits.accounts a
            where a.account_id = p_request.account_id and a.kind = p_kind
            for no key update nowait;
        end if;
        v_outcome := credits._use_one(p_kind, p_place, p_request, p_caller);
    exception when others then
        get stacked diagnostics
            v_outcome.refusal = returned_sqlstate, v_outcome.refusal_message = message_text,
            v_detail = pg_exception_detail,
            v_hint = pg_exception_hint;
        -- A person who is being erased stops no other item. A pool is never erased: its lock was not to be had, so the
        -- batch begins again.
        if v_outcome.refusal !~ '^UC' and not (v_outcome.refusal = '55P03' and p_kind = 'person') then
            raise;
        end if;
        v_outcome.item := p_place;
        v_outcome.refusal_detail := nullif(v_detail, '');
        v_outcome.refusal_hint := nullif(v_hint, '');
    end;
    return v_outcome;
end
$$;

comment on function credits._use_item is
'One item of a batch by itself: a retry, too few credits, something malformed or dated. What refuses it is in its row.
Without p_waits its account is not locked, but others may be that come after it: so it waits for nobody (55P03)';
